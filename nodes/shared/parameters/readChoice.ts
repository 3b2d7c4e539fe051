import { invalidInput } from '../api/errors';
import { wrongValue } from './wrongValue';

/**
 * Reads a field that has one of a few values, whoever wrote it: n8n does not check them.
 *
 * @param label what the form calls the field
 * @throws RunComfyError `invalidInput`
 */
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
