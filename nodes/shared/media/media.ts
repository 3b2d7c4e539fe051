export type MediaKind = 'video' | 'image' | 'audio';

/** One file of a finished request. */
export interface Media {
	kind: MediaKind;
	url: string;
	/** Which of the files of its request this is, from 0. */
	index: number;
	/** How many files the request has given. */
	count: number;
}

/** The fields of an output that name files, in the order of the items. */
const FIELDS: Array<[MediaKind, string[]]> = [
	['video', ['video', 'videos']],
	['image', ['image', 'images']],
	['audio', ['audio', 'audios']],
];

/**
 * Lists the files in a request's `output`, each URL once. The names of the fields are those of the
 * output schema on the model's API page; RunComfy's own clients also know `audio`, `audios`, and an
 * object with a `url` in place of a URL.
 */
export function listMedia(output: unknown): Media[] {
	const values = (output ?? {}) as Record<string, unknown>;
	const found = FIELDS.flatMap(([kind, fields]) =>
		[...new Set(fields.flatMap((field) => urls(values[field])))].map((url) => ({ kind, url })),
	);
	return found.map((file, index) => ({ ...file, index, count: found.length }));
}

function urls(value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap(urls);
	const url: unknown =
		typeof value === 'object' && value !== null && 'url' in value ? value.url : value;
	return typeof url === 'string' && url !== '' ? [url] : [];
}
