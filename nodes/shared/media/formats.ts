import type { MediaKind } from './media';

export interface MediaType {
	mimeType: string;
	/** What its name ends with, without the dot. */
	ending: string;
	/** What there must be in the file, if it is built as an mp4 is. */
	holds?: 'movie' | 'picture';
}

export interface Format {
	/** The registered type first, then what servers say too. */
	mimeTypes: [string, ...string[]];
	/** The usual ending first. */
	endings: [string, ...string[]];
	holds?: 'movie' | 'picture';
}

export const FORMATS = {
	mp4: { mimeTypes: ['video/mp4', 'application/mp4'], endings: ['mp4'], holds: 'movie' },
	m4v: { mimeTypes: ['video/x-m4v'], endings: ['m4v'], holds: 'movie' },
	mov: { mimeTypes: ['video/quicktime'], endings: ['mov', 'qt'], holds: 'movie' },
	'3gp': { mimeTypes: ['video/3gpp', 'video/3gpp2'], endings: ['3gp', '3g2'], holds: 'movie' },
	webm: { mimeTypes: ['video/webm'], endings: ['webm'] },
	mkv: { mimeTypes: ['video/x-matroska', 'video/matroska'], endings: ['mkv'] },
	avi: { mimeTypes: ['video/x-msvideo', 'video/avi'], endings: ['avi'] },
	ogv: { mimeTypes: ['video/ogg'], endings: ['ogv'] },
	ts: { mimeTypes: ['video/mp2t'], endings: ['ts'] },
	mpg: { mimeTypes: ['video/mpeg'], endings: ['mpg', 'mpeg'] },
	flv: { mimeTypes: ['video/x-flv'], endings: ['flv'] },
	png: { mimeTypes: ['image/png'], endings: ['png'] },
	jpg: { mimeTypes: ['image/jpeg', 'image/jpg'], endings: ['jpg', 'jpeg'] },
	gif: { mimeTypes: ['image/gif'], endings: ['gif'] },
	webp: { mimeTypes: ['image/webp'], endings: ['webp'] },
	avif: { mimeTypes: ['image/avif'], endings: ['avif'], holds: 'picture' },
	heic: { mimeTypes: ['image/heic', 'image/heif'], endings: ['heic', 'heif'], holds: 'picture' },
	bmp: { mimeTypes: ['image/bmp', 'image/x-ms-bmp'], endings: ['bmp'] },
	tif: { mimeTypes: ['image/tiff'], endings: ['tif', 'tiff'] },
	mp3: { mimeTypes: ['audio/mpeg', 'audio/mp3'], endings: ['mp3'] },
	m4a: { mimeTypes: ['audio/mp4', 'audio/x-m4a', 'audio/m4a'], endings: ['m4a'], holds: 'movie' },
	aac: { mimeTypes: ['audio/aac', 'audio/x-aac'], endings: ['aac'] },
	wav: { mimeTypes: ['audio/wav', 'audio/x-wav', 'audio/wave'], endings: ['wav'] },
	ogg: { mimeTypes: ['audio/ogg', 'audio/opus'], endings: ['ogg', 'oga', 'opus'] },
	flac: { mimeTypes: ['audio/flac', 'audio/x-flac'], endings: ['flac'] },
	weba: { mimeTypes: ['audio/webm'], endings: ['weba'] },
	mka: { mimeTypes: ['audio/x-matroska'], endings: ['mka'] },
	aiff: { mimeTypes: ['audio/aiff', 'audio/x-aiff'], endings: ['aiff', 'aif'] },
} satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

export const ALL_FORMATS = Object.values<Format>(FORMATS);

export function typeOf({ mimeTypes: [mimeType], endings: [ending], holds }: Format): MediaType {
	return { mimeType, ending, ...(holds && { holds }) };
}

/** The kind of media that a MIME type is of; undefined for any other file. */
export function kindOfType(mimeType: string): MediaKind | undefined {
	const [, kind] = /^(video|image|audio)\//.exec(mimeType) ?? [];
	return kind as MediaKind | undefined;
}

/** How many bytes of a file tell its format. */
export const HEAD_BYTES = 512;

const RIFF_FORMS: Record<string, FormatName[]> = { WEBP: ['webp'], WAVE: ['wav'], 'AVI ': ['avi'] };

/** Brands of `ftyp` (the MP4 registration authority's list); all others are plain mp4. */
const BRANDS: Array<[RegExp, FormatName[]]> = [
	[/^avi[fs]$/, ['avif']],
	[/^(hei[cmsx]|hev[cmsx]|mif1|msf1)$/, ['heic']],
	[/^qt {2}$/, ['mov']],
	[/^M4V/, ['m4v']],
	[/^M4[ABP]/, ['m4a']],
	[/^3g[2p]/, ['3gp']],
];

const FILLER = /^(free|skip|wide|uuid)$/;
/** What a QuickTime file begins with that is older than `ftyp` (QuickTime File Format, "Atoms"). */
const OLD_QUICKTIME = /^(moov|mdat|pnot)$/;

/**
 * Tells the formats that a file can have, the likeliest first: several where a container holds sound or
 * pictures alike, none when it is not known here.
 *
 * @param head the first 512 bytes, or the whole of a shorter file
 */
export function formatsOf(head: Uint8Array): Format[] {
	return namesOf(head).map((name) => FORMATS[name]);
}

function namesOf(head: Uint8Array): FormatName[] {
	const text = String.fromCharCode(...head);
	const starts = (signature: string, at = 0) => text.startsWith(signature, at);

	if (starts('\x89PNG\r\n\x1a\n')) return ['png'];
	if (starts('\xff\xd8\xff')) return ['jpg'];
	if (/^GIF8[79]a/.test(text)) return ['gif'];
	if (starts('BM') && starts('\0\0\0\0', 6)) return ['bmp'];
	if (starts('II*\0') || starts('MM\0*')) return ['tif'];
	if (starts('RIFF') || starts('RF64')) return RIFF_FORMS[text.slice(8, 12)] ?? [];
	if (starts('ftyp', 4)) return brandFormats(head, text);
	if (FILLER.test(text.slice(4, 8))) {
		const next = head.subarray(Math.max(8, uint32(head)));
		return next.length > 8 ? namesOf(next) : ['mov', 'mp4'];
	}
	if (OLD_QUICKTIME.test(text.slice(4, 8))) return ['mov', 'mp4'];
	if (starts('\x1aE\xdf\xa3'))
		return /webm/.test(text.slice(0, 128)) ? ['webm', 'weba'] : ['mkv', 'mka'];
	if (starts('FLV\x01')) return ['flv'];
	if (starts('\0\0\x01\xba') || starts('\0\0\x01\xb3')) return ['mpg'];
	if ([0, 188, 376].every((at) => starts('G', at))) return ['ts'];
	if (starts('OggS')) return text.includes('theora') ? ['ogv'] : ['ogg', 'ogv'];
	if (/^FORM[^]{4}AIF[FC]/.test(text)) return ['aiff'];
	if (starts('fLaC')) return ['flac'];
	if (starts('ID3') && [2, 3, 4].includes(head[3] ?? 0)) return ['mp3', 'aac'];
	// A frame of MPEG audio: eleven bits set, then version and layer; rate and frequency must be valid.
	if (/^\xff[\xf2\xf3\xfa\xfb\xe2\xe3][^\xf0-\xff]/.test(text)) return ['mp3'];
	if (/^\xff[\xf0\xf1\xf8\xf9]/.test(text)) return ['aac'];
	return [];
}

/** True for what people and programs read as text: HTML, XML, JSON, a message. */
export function isText(head: Uint8Array): boolean {
	const [first, second] = head;
	if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
	// Half a kilobyte of a media file without a single control character does not happen.
	const isSpace = (byte: number) => byte >= 0x09 && byte <= 0x0d;
	return !head.some((byte) => (byte < 0x20 && !isSpace(byte) && byte !== 0x1b) || byte === 0x7f);
}

/** The first brand tells the format; where it is a general one of images, a later one may. */
function brandFormats(head: Uint8Array, text: string): FormatName[] {
	const end = Math.min(uint32(head), 256);
	const [major = '', , ...compatible] = text.slice(8, end).match(/[^]{4}/g) ?? [];
	if (/^m[is]f1$/.test(major) && compatible.some((brand) => /^avi[fs]$/.test(brand)))
		return ['avif'];
	return BRANDS.find(([brand]) => brand.test(major))?.[1] ?? ['mp4', 'm4a'];
}

function uint32(bytes: Uint8Array): number {
	return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}
