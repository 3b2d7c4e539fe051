const ESCAPED: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	// n8n turns what is between two of these into code.
	'`': '&#96;',
};

/** Text that is rendered as HTML and shows as it is. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"`]/g, (character) => ESCAPED[character] ?? '');
}

/** A description as n8n's editor renders it (2.41.1): as HTML, in which a line break is none. URLs become links. */
export function asHtml(text: string): string {
	return escapeHtml(text)
		.replace(/https?:\/\/[^\s<]*[^\s<.,;:)]/g, '<a href="$&" target="_blank">$&</a>')
		.replaceAll('\n', '<br>');
}
