import type { ErrorFacts } from '../api/errors';

const SHORTEST_QUOTE = 16;
/** A shorter text gives nothing away, and would be found in every sentence. */
const SHORTEST_PRIVATE = 4;

/**
 * Takes private texts out of a text from outside, whole or quoted in part (a run of at least 16 characters),
 * in linear time.
 */
export function redact(text: string, privateTexts: string[]): string {
	return privateTexts
		.filter((hidden) => hidden.trim().length >= SHORTEST_PRIVATE)
		.reduce(withoutQuotes, text);
}

/** The facts of an error without the user's own texts, which RunComfy may quote. */
export function redactFacts(facts: ErrorFacts, prompts: string[]): ErrorFacts {
	const { detail, result } = facts;
	// `detail` is one line, and `result` is JSON.
	const hidden = prompts.flatMap((prompt) => [
		prompt,
		prompt.replace(/\s+/g, ' ').trim(),
		JSON.stringify(prompt).slice(1, -1),
	]);
	return {
		...facts,
		...(detail !== undefined && { detail: redact(detail, hidden) }),
		...(result !== undefined && { result: redact(result, hidden) }),
	};
}

function withoutQuotes(text: string, hidden: string): string {
	if (hidden.length < SHORTEST_QUOTE) return text.replaceAll(hidden, '…');
	const runs = new Set<string>();
	for (let at = 0; at + SHORTEST_QUOTE <= hidden.length; at++) {
		runs.add(hidden.slice(at, at + SHORTEST_QUOTE));
	}
	let clean = '';
	let hiddenUntil = 0;
	for (let at = 0; at < text.length; at++) {
		const quoted = runs.has(text.slice(at, at + SHORTEST_QUOTE));
		if (at >= hiddenUntil) clean += quoted ? '…' : text[at];
		if (quoted) hiddenUntil = at + SHORTEST_QUOTE;
	}
	return clean;
}
