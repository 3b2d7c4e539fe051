import { invalidInput } from '../api/errors';
import { isNothing, wrongValue } from './wrongValue';

/**
 * Reads a JSON field: its text, or what an expression gives in its place. What is there without a value
 * becomes `null`, so that a check sees it; a number that JSON does not have, too.
 *
 * @param label what the form calls the field
 * @throws RunComfyError `invalidInput` with the place of the first fault
 */
export function parseJsonField(value: unknown, label: string): unknown {
	if (typeof value !== 'string') return asJson(value);
	if (value.trim() === '') return value;
	try {
		return JSON.parse(value.replace(/^\uFEFF/, ''));
	} catch (error) {
		throw invalidInput(
			`${label} is not valid JSON: ${placeOf(error)}. Check the quotes, commas and brackets there. In an expression, use JSON.stringify()`,
		);
	}
}

/**
 * The same for a field whose JSON is an object with names.
 *
 * @throws RunComfyError `invalidInput`
 */
export function parseJsonObject(value: unknown, label: string): Record<string, unknown> {
	const parsed = parseJsonField(value, label);
	if (isObject(parsed)) return parsed;
	const isEmpty = isNothing(parsed) || (typeof parsed === 'string' && parsed.trim() === '');
	throw invalidInput(
		`${label} ${isEmpty ? 'is required' : wrongValue(parsed, 'an object of inputs', true)}`,
	);
}

/** The parser's message without what it quotes, which is the user's own. */
function placeOf(error: unknown): string {
	const words = error instanceof Error ? error.message : '';
	return words.replace(/, (?:\.\.\.)?".*$/s, '').replace(/ in JSON\b/, '');
}

/** A value as JSON has it, but with `null` in the place of what it would leave out. */
export function asJson(value: unknown): unknown {
	if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return null;
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(asJson);
	// Such as a Luxon DateTime, which n8n's `$now` is.
	if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON() as unknown;
	return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asJson(part)]));
}

/** True for an object with names, as JSON has it. */
export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
