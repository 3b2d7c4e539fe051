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
	// A list of faults says more than what they are called together.
	const faults = Array.isArray(detail) ? detail : undefined;
	const told = [faults, words, ...about, detail].map(wordsOf).find(Boolean) ?? '';
	return asDetail(nodeErrorsIn(body) || told);
}

/** As `detailOf`, or else a reason that stands anywhere in the answer. */
export function reasonOf(body: Record<string, unknown>): { detail?: string } {
	const { detail } = detailOf(body);
	return detail === undefined ? asDetail(reasonIn(body)) : { detail };
}

/** What RunComfy says that a request cost, in US dollars. */
export function costOf({ cost }: Record<string, unknown>): { costUsd?: number } {
	return typeof cost === 'number' ? { costUsd: cost } : {};
}

/**
 * What came back of a run, as JSON of at most 1,000 characters, without its input, data URIs, and its error: that is
 * told, and can hold what a node was given.
 */
export function resultOf(body: Record<string, unknown>): { result?: string } {
	const { output, ...rest } = body;
	const told = Object.entries({ output, ...rest }).filter(
		([name, value]) =>
			name !== 'error' && !NO_RESULT.test(name) && value !== null && value !== undefined,
	);
	if (told.length === 0) return {};
	const json = JSON.stringify(withoutDataUris(Object.fromEntries(told))).replace(BASE64, '…');
	return { result: json.length > LONGEST_RESULT ? `${json.slice(0, LONGEST_RESULT)}…` : json };
}

/**
 * What ComfyUI says of the nodes of a workflow that it refuses, or that fail (its own source), also inside of JSON as
 * text; without the values that it quotes.
 */
function nodeErrorsIn(value: unknown, depth = 0): string {
	if (depth > DEEPEST) return '';
	if (typeof value === 'string') return nodeErrorsIn(jsonIn(value), depth + 1);
	if (typeof value !== 'object' || value === null) return '';
	const fields = value as Record<string, unknown>;
	const { node_errors: nodes, node_id: id, node_type: type, exception_message: message } = fields;
	if (typeof message === 'string' && id !== undefined) return nodeText(type, id, message);
	if (typeof nodes === 'object' && nodes !== null) {
		const told = Object.entries(nodes as Record<string, Record<string, unknown> | null>).flatMap(
			([nodeId, node]) =>
				[node?.errors].flat().map((error) => {
					const { message: text, extra_info: more } = (error ?? {}) as Record<string, unknown>;
					const { input_name: input } = (more ?? {}) as Record<string, unknown>;
					const where = typeof input === 'string' ? ` (${input})` : '';
					return nodeText(node?.class_type, nodeId, `${wordsOf(text)}${where}`);
				}),
		);
		if (told.length > 0) return told.join('; ');
	}
	return Object.values(fields).reduce<string>(
		(found, part) => found || nodeErrorsIn(part, depth + 1),
		'',
	);
}

function nodeText(type: unknown, id: unknown, message: string): string {
	const node = `node ${String(id)}`;
	return `${typeof type === 'string' ? `${type} (${node})` : node}: ${message}`;
}

/** The object of JSON in a text, which may have words around it. */
function jsonIn(text: string): unknown {
	const start = text.indexOf('{');
	if (start < 0) return undefined;
	try {
		return JSON.parse(text.slice(start, text.lastIndexOf('}') + 1));
	} catch {
		return undefined;
	}
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
