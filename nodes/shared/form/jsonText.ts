import { RunComfyError } from '../api/errors';

/**
 * Reads a JSON field: its text, or what an expression gives in its place. What is there without a value
 * becomes `null`, so that a check sees it.
 *
 * @param label what the form calls the field
 * @throws RunComfyError `invalidInput` with the place of the first fault
 */
export function parseJsonField(value: unknown, label: string): unknown {
	if (typeof value !== 'string') return withNulls(value);
	if (value.trim() === '') return value;
	const { parsed, fault } = parse(value.replace(/^\uFEFF/, ''));
	if (fault === undefined) return parsed;
	throw new RunComfyError('invalidInput', {
		detail: `${label} is not valid JSON: ${fault}. Check quotes, commas and brackets there, or let JSON.stringify write it`,
	});
}

function parse(text: string): { parsed?: unknown; fault?: string } {
	try {
		return { parsed: JSON.parse(text) };
	} catch (error) {
		return { fault: placeOf(error) };
	}
}

/** The parser's words, without what it quotes: that is the user's own. */
function placeOf(error: unknown): string {
	const words = error instanceof Error ? error.message : '';
	return words.replace(/, (?:\.\.\.)?".*$/s, '').replace(/ in JSON\b/, '');
}

function withNulls(value: unknown): unknown {
	if (value === undefined) return null;
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(withNulls);
	return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withNulls(part)]));
}
