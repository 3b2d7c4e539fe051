/** The media types that video and image models give, with the usual file ending first. */
const ENDINGS: Record<string, string[]> = {
	'video/mp4': ['mp4', 'm4v'],
	'video/webm': ['webm'],
	'video/quicktime': ['mov'],
	'image/png': ['png'],
	'image/jpeg': ['jpg', 'jpeg'],
	'image/webp': ['webp'],
	'image/gif': ['gif'],
};

export type MediaKind = 'video' | 'image';

/** What a file is: its MIME type, and the ending its name gets. */
export interface MediaType {
	mimeType: string;
	ending: string;
}

/**
 * Tells what a downloaded file is: by its Content-Type, by the ending of its URL where the type says
 * nothing, else by the field of the output that named it.
 *
 * @returns `undefined` when the server says that it is no media at all, e.g. a web page
 */
export function mediaTypeOf(
	contentType: string | undefined,
	url: URL,
	kind: MediaKind,
): MediaType | undefined {
	const declared = contentType?.split(';')[0].trim().toLowerCase() ?? '';
	if (/^(video|image|audio)\/[\w.+-]+$/.test(declared)) {
		return {
			mimeType: declared,
			ending: ENDINGS[declared]?.[0] ?? declared.replace(/^.*[/+]/, '').replace(/^x-/, ''),
		};
	}
	if (declared && declared !== 'application/octet-stream' && declared !== 'binary/octet-stream') {
		return undefined;
	}
	const ending = /\.([a-z0-9]+)$/i.exec(url.pathname)?.[1].toLowerCase() ?? '';
	const known = Object.entries(ENDINGS).find(([, endings]) => endings.includes(ending));
	const mimeType = known?.[0] ?? (kind === 'video' ? 'video/mp4' : 'image/png');
	return { mimeType, ending: ENDINGS[mimeType][0] };
}
