import { invalidInput } from '../api/errors';
import { exactNumber } from '../api/exactJson';

const LONGEST_QUOTE = 20;
/** White space, and characters that show nothing: control, format, fillers, the empty braille cell. */
const SHOWS_NOTHING = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** True for what an expression gives that gives nothing, and for a field that was emptied. */
export function isNothing(value: unknown): boolean {
	return value === undefined || value === null || value === '';
}

/** True also for text in which there is nothing to see. */
export function isBlank(value: unknown): boolean {
	return typeof value === 'string' ? SHOWS_NOTHING.test(value) : isNothing(value);
}

/**
 * Says what is wrong with a value, as the rest of a sentence that starts with the name of its field.
 *
 * @param rule what it must be, as the end of "must be …"
 * @param isPrivate whether text may be the user's own, so that it stays out of errors and logs
 */
export function wrongValue(value: unknown, rule: string, isPrivate = false): string {
	return isNothing(value)
		? `has no value: set it to ${rule}, or give its expression a fallback`
		: `must be ${rule}, but is ${describe(value, isPrivate)}`;
}

function describe(value: unknown, isPrivate: boolean): string {
	if (Array.isArray(value)) return `a list of ${value.length}`;
	if (typeof value === 'object' || typeof value === 'function') return 'an object';
	if (typeof value !== 'string') return String(value);
	if (isPrivate) return 'text';
	return value.length > LONGEST_QUOTE
		? `text of ${value.length} characters`
		: `the text ${JSON.stringify(value)}`;
}

/** @throws RunComfyError `invalidInput` for anything but one of a few values, which n8n does not check */
export function readChoice<Choice extends string>(
	label: string,
	value: unknown,
	choices: readonly Choice[],
): Choice {
	const choice = choices.find((known) => known === value);
	if (choice !== undefined) return choice;
	throw invalidInput(`${label} ${wrongValue(value, choices.join(' or '))}`);
}

/** @throws RunComfyError `invalidInput` for anything but true and false */
export function readSwitch(label: string, value: unknown): boolean {
	if (typeof value === 'boolean') return value;
	throw invalidInput(`${label} ${wrongValue(value, 'true or false')}`);
}

/**
 * Takes text for the number that it writes out, as a sheet gives it: `5`, ` 5 `, `4.50`. Only plain
 * decimals are beyond doubt: `5s`, `1e3`, `0x5`, `4,5` and empty text stay text, as does any other value.
 */
export function readNumericText(value: unknown): unknown {
	return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim())
		? exactNumber(value.trim())
		: value;
}
