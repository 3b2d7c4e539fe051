import { invalidInput } from '../api/errors';

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
	const { parsed, fault } = parse(value.replace(/^\uFEFF/, ''));
	if (fault === undefined) return parsed;
	throw invalidInput(
		`${label} is not valid JSON: ${fault}. Check the quotes, commas and brackets there. In an expression, use JSON.stringify()`,
	);
}

function parse(text: string): { parsed?: unknown; fault?: string } {
	try {
		return { parsed: JSON.parse(text) };
	} catch (error) {
		return { fault: placeOf(error) };
	}
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
