import { FORMATS, type Format, type FormatName } from './formats';

/** How many bytes of a file are enough to tell its format. */
export const HEAD_BYTES = 512;

/** Brands of `ftyp` (the MP4 registration authority's list); all others are plain mp4. */
const BRANDS: Array<[RegExp, FormatName[]]> = [
	[/^avi[fs]$/, ['avif']],
	[/^(hei[cmsx]|hev[cmsx]|mif1|msf1)$/, ['heic']],
	[/^qt {2}$/, ['mov']],
	[/^M4V/, ['m4v']],
	[/^M4[ABP]/, ['m4a']],
	[/^3g[2p]/, ['3gp']],
];

/** Boxes without a meaning of their own, which may come before `ftyp`. */
const FILLER = /^(free|skip|wide|uuid)$/;
/** What a QuickTime file begins with that is older than `ftyp` (QuickTime File Format, "Atoms"). */
const OLD_QUICKTIME = /^(moov|mdat|pnot)$/;

/**
 * Tells the formats that a file can have, by its first bytes; the likeliest comes first. More than one
 * where a container holds sound or pictures alike.
 *
 * @param head the first 512 bytes, or the whole of a shorter file
 * @returns an empty list when the bytes are of no format that is known here
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
	if (starts('RIFF') || starts('RF64')) return riffFormats(text.slice(8, 12));
	if (starts('ftyp', 4)) return brandFormats(head, text);
	if (FILLER.test(text.slice(4, 8))) {
		const next = head.subarray(Math.max(8, uint32(head)));
		return next.length > 8 ? namesOf(next) : ['mov', 'mp4'];
	}
	if (OLD_QUICKTIME.test(text.slice(4, 8))) return ['mov', 'mp4'];
	if (starts('\x1aE\xdf\xa3')) return matroskaFormats(text);
	if (starts('FLV\x01')) return ['flv'];
	if (starts('\0\0\x01\xba') || starts('\0\0\x01\xb3')) return ['mpg'];
	// Packets of 188 bytes, each with the same first byte.
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
	return !head.some((byte) => (byte < 0x20 && !isSpace(byte) && byte !== 0x1b) || byte === 0x7f);
}

function isSpace(byte: number): boolean {
	return byte >= 0x09 && byte <= 0x0d;
}

function riffFormats(form: string): FormatName[] {
	const formats: Record<string, FormatName[]> = { WEBP: ['webp'], WAVE: ['wav'], 'AVI ': ['avi'] };
	return formats[form] ?? [];
}

/** The first brand tells the format; where it is a general one of images, a later one may. */
function brandFormats(head: Uint8Array, text: string): FormatName[] {
	const end = Math.min(uint32(head), 256);
	const [major = '', , ...compatible] = text.slice(8, end).match(/[^]{4}/g) ?? [];
	if (/^m[is]f1$/.test(major) && compatible.some((brand) => /^avi[fs]$/.test(brand)))
		return ['avif'];
	return BRANDS.find(([brand]) => brand.test(major))?.[1] ?? ['mp4', 'm4a'];
}

/** The number that the first four bytes hold, the highest first. */
function uint32(bytes: Uint8Array): number {
	return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

function matroskaFormats(text: string): FormatName[] {
	return /webm/.test(text.slice(0, 128)) ? ['webm', 'weba'] : ['mkv', 'mka'];
}
