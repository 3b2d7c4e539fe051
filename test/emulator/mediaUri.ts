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

const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');
const anyOf = (...starts: string[]) => new RegExp(`^(?:${starts.join('|')})`);
/** A container of ISO 14496-12, which names its format after its first box's size and type. */
const ftyp = (...brands: string[]) => `.{8}${hex('ftyp')}(?:${brands.map(hex).join('|')})`;
const riff = (format: string) => `${hex('RIFF')}.{8}${hex(format)}`;
const PICTURES = ['avif', 'heic', 'mif1'];
const EBML = '1a45dfa3';

/** How files of a kind start, by their first bytes in hex; images that `sizeOf` reads are known by it. */
const STARTS: Record<MediaKind, RegExp> = {
	image: anyOf(hex('GIF8'), '49492a00', '4d4d002a', ftyp(...PICTURES)),
	video: anyOf(
		`(?!${ftyp(...PICTURES, 'M4A ')}).{8}${hex('ftyp')}`,
		EBML,
		riff('AVI '),
		hex('FLV'),
		hex('OggS'),
		'000001ba',
		`(?!${hex('GIF8')})47`,
	),
	audio: anyOf(
		hex('ID3'),
		'ff[ef]',
		riff('WAVE'),
		hex('fLaC'),
		hex('OggS'),
		`${hex('FORM')}.{8}${hex('AIF')}`,
		ftyp('M4A ', 'mp42', 'isom'),
		EBML,
	),
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
	const known = size ? size[0] > 0 && size[1] > 0 : STARTS[kind].test(bytes.toString('hex', 0, 16));
	return known ? { bytes, size } : undefined;
}

/** Whether a text is what a model takes as a file: a URL of https, or a data URI with a file of that kind. */
export function isMedia(uri: string, kind: MediaKind): boolean {
	if (!uri.startsWith('https://')) return fileIn(uri, kind) !== undefined;
	// Not by `URL.canParse`, which in Node 20 refuses letters like ü after some thousand calls.
	try {
		return Boolean(new URL(uri));
	} catch {
		return false;
	}
}
