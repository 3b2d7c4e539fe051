import { sizeOf } from './imageShape';

/** What a model takes files of. */
export type MediaKind = 'image' | 'video' | 'audio';

/** A file that an input brings along. */
export interface MediaFile {
	/** Its bytes. */
	bytes: Buffer;
	/** Of an image: width and height in pixels. */
	size?: [number, number];
}

/** How files of a kind start, by the first 16 bytes as Latin-1 (images are read by `sizeOf`, but for these). */
const STARTS: Record<MediaKind, RegExp> = {
	image: /^(?:GIF8|II\*\0|MM\0\*|.{4}ftyp(?:avif|heic|mif1))/s,
	video:
		/^(?:.{4}ftyp(?!M4A |avif|heic|mif1)|\x1a\x45\xdf\xa3|RIFF.{4}AVI |FLV\x01|OggS|\0\0\x01\xba|G(?!IF8))/s,
	audio: /^(?:ID3|\xff[\xe0-\xff]|RIFF.{4}WAVE|fLaC|OggS|FORM.{4}AIF|.{4}ftyp|\x1a\x45\xdf\xa3)/s,
};

/**
 * The file in a data URI.
 *
 * @returns nothing when it is no data URI of that kind, or its bytes are of no format of that kind
 */
export function fileIn(uri: string, kind: MediaKind): MediaFile | undefined {
	const [head] = /^data:[^,]{0,100};base64,/.exec(uri) ?? [];
	if (!head?.startsWith(`data:${kind}/`)) return undefined;
	const base64 = uri.slice(head.length);
	const bytes = Buffer.from(base64, 'base64');
	if (bytes.toString('base64') !== base64) return undefined;
	const size = kind === 'image' ? sizeOf(bytes) : undefined;
	const known = size
		? size[0] > 0 && size[1] > 0
		: STARTS[kind].test(bytes.toString('latin1', 0, 16));
	return known ? { bytes, size } : undefined;
}

/** Whether a text is what a model takes as a file: a URL of https, or a data URI with a file of that kind. */
export function isMedia(uri: string, kind: MediaKind): boolean {
	if (!uri.startsWith('https://')) return fileIn(uri, kind) !== undefined;
	return URL.canParse(uri);
}
