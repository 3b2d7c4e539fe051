import { invalidInput } from '../api/errors';
import { parseExact } from '../api/exactJson';
import { isBlank, wrongValue } from './values';

const LONGEST_NAME = 40;

/**
 * Reads a JSON field: its text, or what an expression gives in its place. What is there without a value
 * becomes `null`, so that a check sees it; a number that JSON does not have, too.
 *
 * @throws RunComfyError `invalidInput` with the place of the first fault
 */
export function parseJsonField(value: unknown, label: string): unknown {
	if (typeof value !== 'string') return asJson(value);
	if (isBlank(value)) return value;
	const text = withoutFence(value.trim());
	const parsed = parse(text, label);
	const twice = repeatedName(text);
	if (twice === undefined) return parsed;
	throw invalidInput(`${label} has ${JSON.stringify(twice)} twice: remove one of them`);
}

/** The same for a field whose JSON is an object with names. */
export function parseJsonObject(value: unknown, label: string): Record<string, unknown> {
	const parsed = parseJsonField(value, label);
	if (isObject(parsed)) return parsed;
	const fault = isBlank(parsed) ? 'is required' : wrongValue(parsed, 'an object of inputs', true);
	throw invalidInput(`${label} ${fault}`);
}

function parse(text: string, label: string): unknown {
	try {
		return parseExact(text);
	} catch (error) {
		throw invalidInput(
			`${label} is not valid JSON: ${placeOf(error)}. Check the quotes, commas and brackets there. In an expression, use JSON.stringify()`,
		);
	}
}

/** The parser's message without what it quotes, which is the user's own. */
function placeOf(error: unknown): string {
	const words = error instanceof Error ? error.message : '';
	return words.replace(/, (?:\.\.\.)?".*$/s, '').replace(/ in JSON\b/, '');
}

/** What stands between the outermost code fences, as a language model writes JSON; a text that begins as JSON is all of it. */
function withoutFence(text: string): string {
	const start = text.indexOf('```');
	const end = text.lastIndexOf('```');
	const isFenced = end > start && !/^[[{"]/.test(text);
	return isFenced ? text.slice(start + 3, end).replace(/^\w+/, '') : text;
}

/** A name that an object has twice, of which JSON keeps the last only; undefined for valid JSON without one. */
function repeatedName(text: string): string | undefined {
	const objects: Array<Set<string>> = [];
	for (let at = 0; at < text.length; at++) {
		if (text[at] === '{') objects.push(new Set());
		if (text[at] === '}') objects.pop();
		if (text[at] !== '"') continue;
		const start = at;
		at = endOfString(text, start);
		const isName = /\s*:/y;
		isName.lastIndex = at + 1;
		if (!isName.test(text)) continue;
		const name = JSON.parse(text.slice(start, at + 1)) as string;
		if (objects.at(-1)?.has(name)) return name.slice(0, LONGEST_NAME);
		objects.at(-1)?.add(name);
	}
	return undefined;
}

/** Where the string of JSON that begins at a quote has its last one. */
function endOfString(text: string, start: number): number {
	let end = text.indexOf('"', start + 1);
	while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
	return end;
}

function isEscaped(text: string, at: number): boolean {
	let backslashes = 0;
	while (text[at - 1 - backslashes] === '\\') backslashes++;
	return backslashes % 2 === 1;
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
