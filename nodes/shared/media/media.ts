import { isDataUri } from '../api/dataUri';
import { isObject } from '../parameters/jsonText';

export type MediaKind = 'video' | 'image' | 'audio';

export interface Media {
	/** What the name of its field says that it is. */
	kind?: MediaKind;
	/** An https URL or a data URI, or whatever stands where one should. */
	url: string;
	/** Its place among the files of its request, from 0, and how many these are. */
	index: number;
	count: number;
	/** What else an item says of it. */
	facts?: object;
}

/** The fields of an output that name files, in the order of the items (the model's API page, RunComfy's clients). */
const NAMED: Array<[MediaKind, string[]]> = [
	['video', ['video', 'videos']],
	['image', ['image', 'images']],
	['audio', ['audio', 'audios']],
];
/** What a result repeats of its input. */
const ECHOES = ['input', 'inputs'];
const DEEPEST = 20;

/**
 * Lists the files of a completed request, each URL once. The named fields of `output` come first; where
 * they give nothing, every value that is a whole URL is a file, in `output` or else beside it. A data URI is
 * one wherever it stands, for an item does not repeat what it holds.
 */
export function listMedia(body: Record<string, unknown>): Media[] {
	const { output, ...rest } = body;
	const fields = isObject(output) ? output : {};
	const named = NAMED.flatMap(([kind, names]) =>
		names.flatMap((name) => addressesIn(fields[name])).map((url) => ({ kind, url })),
	);
	const inOutput = named.length > 0 ? named : urlsIn(output).map((url) => ({ url }));
	const all = inOutput.length > 0 ? inOutput : urlsIn(rest).map((url) => ({ url }));
	const inline = urlsIn(body).filter(isDataUri);
	const seen = new Set<string>();
	const found = [...all, ...inline.map((url) => ({ url }))].filter(
		({ url }) => !seen.has(url) && seen.add(url),
	);
	return found.map((file, index) => ({ ...file, index, count: found.length }));
}

export function isApiAddress(name: string): boolean {
	return ['status_url', 'result_url', 'cancel_url'].includes(name);
}

/** Of a field that names files: whatever text it has, alone, in a list or as a `url`. */
function addressesIn(value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap(addressesIn);
	const text = isObject(value) ? value.url : value;
	return typeof text === 'string' && text !== '' ? [text.trim()] : urlsIn(value);
}

function urlsIn(value: unknown, depth = 0): string[] {
	if (typeof value === 'string') {
		const text = value.trim();
		return isDataUri(text) || /^https?:\/\/\S+$/i.test(text) ? [text] : [];
	}
	if (typeof value !== 'object' || value === null || depth > DEEPEST) return [];
	return Object.entries(value).flatMap(([name, part]) =>
		ECHOES.includes(name) || isApiAddress(name) ? [] : urlsIn(part, depth + 1),
	);
}
