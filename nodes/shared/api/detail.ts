/** The keys of an error body that may have its message, the most telling first. */
const WORDS = ['msg', 'message', 'error_message', 'detail', 'error', 'reason', 'type', 'code'];

/** A file of the user's own, which an error may quote from the input. */
const DATA_URI = /data:[\w/+.;=-]*,[^\s"')\]}]*/gi;
/** The same without its head, in lines of 76 too. Longer than any ID or hash, and no path of a URL. */
const BASE64 = /(?<![\w./%-])[\w+/=-]{72,}/g;

/**
 * RunComfy's own message about an error, as one short line; an empty object when it sent none. In an
 * answer about a run, which has a status, `error` is the run's and `message` may only be the call's.
 */
export function detailOf(body: Record<string, unknown> = {}): { detail?: string } {
	const { error_message: words, message, error, detail, status } = body;
	const about = typeof status === 'string' ? [error, message] : [message, error];
	const text = [words, ...about, detail].map(wordsOf).find(Boolean) ?? '';
	const line = text
		.replace(DATA_URI, 'data:…')
		.replace(BASE64, '…')
		.replace(/\s+/g, ' ')
		.trim()
		.slice(0, 300);
	return line ? { detail: line } : {};
}

function wordsOf(value: unknown): string {
	if (typeof value === 'string') return value.trim();
	if (Array.isArray(value)) return value.map(wordsOf).filter(Boolean).join('; ');
	if (typeof value !== 'object' || value === null) return '';
	const fields = value as Record<string, unknown>;
	const text = WORDS.map((name) => wordsOf(fields[name])).find(Boolean) ?? '';
	return text && Array.isArray(fields.loc) ? `${fields.loc.join('.')}: ${text}` : text;
}
