import { invalidInput } from '../api/errors';
import { readNumericText } from '../parameters/numericText';
import { isNothing, wrongValue } from '../parameters/wrongValue';

export type OptionValues = Record<string, unknown>;

/**
 * @param rule what it must be, as the end of "must be …"
 * @throws RunComfyError `invalidInput` for anything else; text that writes out a number is one
 */
export function readNumber(
	label: string,
	value: unknown,
	rule: string,
	isRight: (value: number) => boolean,
): number {
	const number = readNumericText(value);
	if (typeof number === 'number' && Number.isFinite(number) && isRight(number)) return number;
	throw invalidInput(`${label} ${wrongValue(value, rule)}`);
}

export function readFieldName(label: string, value: unknown): string {
	const name = typeof value === 'string' ? value.trim() : '';
	if (name && !name.includes('.')) return name;
	throw invalidInput(`${label} ${wrongValue(name || value, 'a name without dots')}`);
}

/** A text that may be left out, by an expression too. */
export function readOptionalText(label: string, value: unknown): string {
	if (isNothing(value)) return '';
	if (typeof value === 'string' || Number.isFinite(value)) return String(value);
	throw invalidInput(`${label} ${wrongValue(value, 'text')}`);
}
