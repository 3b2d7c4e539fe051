import type { MediaKind } from './mediaType';

/** One file of a finished request. */
export interface Media {
	kind: MediaKind;
	url: string;
	/** Which of the files of its request this is, from 0. */
	index: number;
	/** How many files the request has given. */
	count: number;
}

/**
 * Lists the files in a request's `output`: `video`, `videos`, `image` and `images` (the output schema
 * of the model's API page), in this order, each URL once.
 */
export function listMedia(output: unknown): Media[] {
	const { video, videos, image, images } = (output ?? {}) as Record<string, unknown>;
	const found: Array<[MediaKind, string]> = [
		...urls(video, videos).map((url): [MediaKind, string] => ['video', url]),
		...urls(image, images).map((url): [MediaKind, string] => ['image', url]),
	];
	return found.map(([kind, url], index) => ({ kind, url, index, count: found.length }));
}

function urls(single: unknown, several: unknown): string[] {
	const all = [single, ...(Array.isArray(several) ? several : [several])];
	return [...new Set(all.filter((url): url is string => typeof url === 'string' && url !== ''))];
}
