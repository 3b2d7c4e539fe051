import { cutDataUris, withoutDataUris } from './dataUri';

/** Keys that may have the message, the most telling first. */
const WORDS = ['msg', 'message', 'error_message', 'detail', 'error', 'reason', 'type', 'code'];

/** What tells why a run has failed or given nothing, under whatever name (Google's: `raiMediaFilteredReasons`). */
const REASONS = /(?:reason|error|message|detail|warning)s?$/i;
/** What an answer repeats of the input, or says of the request itself. */
const NO_RESULT = /^(?:inputs?|request_id|status|(?:status|result|cancel)_url)$/;
const DEEPEST = 20;
const LONGEST_RESULT = 1_000;

/** A data URI without its head, in lines of 76 too. Longer than any ID or hash, and no path of a URL. */
const BASE64 = /(?<![\w./%-])[\w+/=-]{72,}/g;

/** RunComfy's own message as one short line. Where there is a status, `error` is the run's, `message` the call's. */
export function detailOf(body: Record<string, unknown> = {}): { detail?: string } {
	const { error_message: words, message, error, detail, status } = body;
	const about = typeof status === 'string' ? [error, message] : [message, error];
	const text = [words, ...about, detail].map(wordsOf).find(Boolean) ?? '';
	return asDetail(text);
}

/** As `detailOf`, or else a reason that stands anywhere in the answer. */
export function reasonOf(body: Record<string, unknown>): { detail?: string } {
	const { detail } = detailOf(body);
	return detail === undefined ? asDetail(reasonIn(body)) : { detail };
}

/** What came back of a run, as JSON of at most 1,000 characters, without its input and without data URIs. */
export function resultOf(body: Record<string, unknown>): { result?: string } {
	const { output, ...rest } = body;
	const told = Object.entries({ output, ...rest }).filter(
		([name, value]) => !NO_RESULT.test(name) && value !== null && value !== undefined,
	);
	if (told.length === 0) return {};
	const json = JSON.stringify(withoutDataUris(Object.fromEntries(told))).replace(BASE64, '…');
	return { result: json.length > LONGEST_RESULT ? `${json.slice(0, LONGEST_RESULT)}…` : json };
}

function asDetail(text: string): { detail?: string } {
	const line = cutDataUris(text).replace(BASE64, '…').replace(/\s+/g, ' ').trim().slice(0, 300);
	return line ? { detail: line } : {};
}

function reasonIn(value: unknown, depth = 0): string {
	if (typeof value !== 'object' || value === null || depth > DEEPEST) return '';
	const parts = Object.entries(value).filter(([name]) => !NO_RESULT.test(name));
	const own = parts.filter(([name]) => REASONS.test(name)).map(([, part]) => wordsOf(part));
	return (
		own.find(Boolean) ?? parts.map(([, part]) => reasonIn(part, depth + 1)).find(Boolean) ?? ''
	);
}

function wordsOf(value: unknown): string {
	if (typeof value === 'string') return value.trim();
	if (Array.isArray(value)) return value.map(wordsOf).filter(Boolean).join('; ');
	if (typeof value !== 'object' || value === null) return '';
	const fields = value as Record<string, unknown>;
	const text = WORDS.map((name) => wordsOf(fields[name])).find(Boolean) ?? '';
	return text && Array.isArray(fields.loc) ? `${fields.loc.join('.')}: ${text}` : text;
}
