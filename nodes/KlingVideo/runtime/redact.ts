const SHORTEST_QUOTE = 16;
/** A shorter text gives nothing away, and would be found in every sentence. */
const SHORTEST_SECRET = 4;

/**
 * Takes secrets and prompts out of a text from outside before anyone sees it, whole or quoted in part
 * (a run of at least 16 characters).
 *
 * @param text e.g. an error message of the API
 * @param secrets the token, and every prompt of the item
 */
export function redact(text: string, secrets: string[]): string {
	return secrets
		.filter((secret) => secret.trim().length >= SHORTEST_SECRET)
		.reduce(withoutQuotes, text);
}

function withoutQuotes(text: string, secret: string): string {
	if (secret.length < SHORTEST_QUOTE) return text.replaceAll(secret, '…');
	let clean = '';
	for (let at = 0; at < text.length; ) {
		let end = at + SHORTEST_QUOTE;
		if (end > text.length || !secret.includes(text.slice(at, end))) {
			clean += text[at++];
			continue;
		}
		while (end < text.length && secret.includes(text.slice(at, end + 1))) end++;
		clean += '…';
		at = end;
	}
	return clean;
}
