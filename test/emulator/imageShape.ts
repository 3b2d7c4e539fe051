/** What the emulator makes of a picture: a clip of the nearest shape. */
export type Shape = '16:9' | '9:16' | '1:1';

const RATIOS: Array<[Shape, number]> = [
	['16:9', 16 / 9],
	['9:16', 9 / 16],
	['1:1', 1],
];

/**
 * The shape of the clip for an image.
 *
 * @param image a URL, which is not fetched and counts as 16:9, or a data URI
 * @returns nothing when it is neither, or holds no image of a format that the model takes
 */
export function shapeOf(image: string): Shape | undefined {
	if (/^https:\/\//.test(image)) return '16:9';
	const [head = ''] = /^data:image\/\w+;base64,/.exec(image) ?? [];
	const base64 = head ? image.slice(head.length) : undefined;
	const size = base64 === undefined ? undefined : sizeOf(Buffer.from(base64, 'base64'));
	if (!size || !(size[0] > 0 && size[1] > 0)) return undefined;
	const wide = Math.log(size[0] / size[1]);
	const distance = ([, ratio]: [Shape, number]) => Math.abs(Math.log(ratio) - wide);
	return RATIOS.toSorted((one, other) => distance(one) - distance(other))[0][0];
}

/** Width and height of an image by its header; nothing when it is no png, jpg, webp or bmp. */
export function sizeOf(bytes: Buffer): [number, number] | undefined {
	const text = bytes.toString('latin1', 0, 32);
	try {
		if (text.startsWith('\x89PNG')) return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
		if (text.startsWith('BM')) return [bytes.readInt32LE(18), Math.abs(bytes.readInt32LE(22))];
		if (text.startsWith('\xff\xd8')) return jpegSize(bytes);
		if (text.slice(8, 12) === 'WEBP') return webpSize(bytes, text.slice(12, 16));
	} catch {
		// The header is cut off.
	}
	return undefined;
}

/** The first frame header (ITU T.81, B.2.2): markers C0 to CF but for tables and restarts. */
function jpegSize(bytes: Buffer): [number, number] | undefined {
	for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
		const marker = bytes[at + 1];
		if (bytes[at] !== 0xff) return undefined;
		if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
			return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
		}
	}
	return undefined;
}

/** The three kinds of WebP (RFC 9649, 2.5 to 2.7). */
function webpSize(bytes: Buffer, kind: string): [number, number] | undefined {
	if (kind === 'VP8 ') return [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff];
	if (kind === 'VP8X') return [1 + bytes.readUIntLE(24, 3), 1 + bytes.readUIntLE(27, 3)];
	if (kind !== 'VP8L') return undefined;
	const bits = bytes.readUInt32LE(21);
	return [1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff)];
}
