/** RunComfy's own words about an error, as one short line; an empty object when it sent none. */
export function detailOf(body: Record<string, unknown> | undefined): { detail?: string } {
	const text =
		wordsOf(body?.error_message) ||
		wordsOf(body?.message) ||
		wordsOf(body?.error) ||
		wordsOf(body?.detail);
	return text ? { detail: text.replace(/\s+/g, ' ').trim().slice(0, 300) } : {};
}

function wordsOf(value: unknown): string {
	if (typeof value === 'string') return value;
	if (Array.isArray(value)) return value.map(wordsOf).filter(Boolean).join('; ');
	if (typeof value !== 'object' || value === null) return '';
	const { msg, message, loc } = value as Record<string, unknown>;
	const text = wordsOf(msg) || wordsOf(message);
	return text && Array.isArray(loc) ? `${loc.join('.')}: ${text}` : text;
}
