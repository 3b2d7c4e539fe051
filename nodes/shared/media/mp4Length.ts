/** Follows an mp4 as it streams by and knows how long the file says it is. */
export interface Mp4Length {
	/** Takes the next bytes of the file. */
	feed(chunk: Uint8Array): void;
	/** How many bytes the last box still lacks; 0 for a whole file, and for what is no mp4. */
	missingBytes(): number;
}

const SHORT_HEADER = 8;
const LONG_HEADER = 16;

/**
 * An mp4 is a row of boxes, each with its size in front (ISO/IEC 14496-12, 4.2), so a file that was
 * cut shows it, also where the server announced no length or a wrong one. Only the headers are looked
 * at; nothing is kept.
 */
export function createMp4Length(): Mp4Length {
	let position = 0;
	let boxAt = 0;
	let header: number[] = [];

	return {
		feed(chunk) {
			let at = boxAt + header.length - position;
			while (at < chunk.length) {
				header.push(chunk[at++]);
				const size = boxSize(header);
				if (size === undefined) continue;
				if (boxAt === 0 && typeOf(header) !== 'ftyp') boxAt = Number.POSITIVE_INFINITY;
				// A size of 0 means: up to the end of the file, whatever that is.
				else boxAt = size === 0 ? Number.POSITIVE_INFINITY : boxAt + size;
				header = [];
				at = boxAt - position;
			}
			position += chunk.length;
		},
		missingBytes() {
			if (boxAt === 0 || !Number.isFinite(boxAt)) return 0;
			return header.length > 0
				? SHORT_HEADER - Math.min(SHORT_HEADER - 1, header.length)
				: Math.max(0, boxAt - position);
		},
	};
}

/** The box's size in bytes, once enough of its header is there. */
function boxSize(header: number[]): number | undefined {
	if (header.length < SHORT_HEADER) return undefined;
	const size = bigEndian(header, 0, 4);
	if (size !== 1) return size === 0 ? 0 : Math.max(size, SHORT_HEADER);
	if (header.length < LONG_HEADER) return undefined;
	return Math.max(bigEndian(header, 8, 16), LONG_HEADER);
}

function typeOf(header: number[]): string {
	return String.fromCharCode(...header.slice(4, 8));
}

function bigEndian(bytes: number[], from: number, to: number): number {
	return bytes.slice(from, to).reduce((value, byte) => value * 256 + byte, 0);
}
