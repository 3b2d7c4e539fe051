/** What a movie says of itself; absent where it does not. */
export interface MovieInfo {
	/** In pixels, as it is shown. */
	width?: number;
	height?: number;
	/** In seconds. */
	duration?: number;
}

interface Box {
	type: string;
	contentAt: number;
	end: number;
	nextAt: number;
}

const SHORT_HEADER = 8;
const LONG_HEADER = 16;
/** In bytes: the description of a movie of a minute takes some 50 kB. */
const LARGEST_MOVIE_BOX = 2 ** 21;
const UNKNOWN_DURATION = 0xffff_ffff;

/** Without these a file cannot be played; what is unfinished of any other was put behind the last one. */
const ESSENTIAL = new Set(['ftyp', 'moov', 'mdat', 'moof', 'meta']);

/**
 * Follows an mp4 as it streams by, which is a row of boxes, each with its size in front (ISO/IEC 14496-12, 4.2):
 * so a file that was cut shows it. Only the headers are read, and what describes the movie.
 */
export class Mp4Boxes {
	readonly #filled = new Set<string>();
	readonly #movieParts: Uint8Array[] = [];
	#position = 0;
	#boxAt = 0;
	#header: number[] = [];
	#last: Box | undefined;
	#movie: Box | undefined;

	constructor(private readonly holds: 'movie' | 'picture') {}

	feed(chunk: Uint8Array): void {
		let at = this.#boxAt + this.#header.length - this.#position;
		while (at < chunk.length) {
			this.#header.push(chunk[at++] ?? 0);
			const header = Buffer.from(this.#header);
			if (header.length < headerSize(header)) continue;
			this.#enter(readBox(header, this.#boxAt));
			at = this.#boxAt - this.#position;
		}
		this.#keepMovie(chunk);
		this.#position += chunk.length;
	}

	/** What is wrong with the file if it ends here; undefined when it is complete. */
	fault(): string | undefined {
		const missing = (this.#last?.end ?? 0) - this.#position;
		if (this.#last && missing > 0 && ESSENTIAL.has(this.#last.type)) {
			return `the file is cut short: it lacks ${missing} of its bytes`;
		}
		if (this.#filled.has('moov') && this.#filled.has('mdat')) return undefined;
		if (this.holds === 'picture' && this.#filled.has('meta')) return undefined;
		return `there is no ${this.holds} in the file`;
	}

	info(): MovieInfo {
		return movieInfo(Buffer.concat(this.#movieParts));
	}

	#enter(box: Box | undefined): void {
		this.#boxAt = box?.nextAt ?? Number.POSITIVE_INFINITY;
		this.#header = [];
		if (!box) return;
		this.#last = box;
		const size = box.end - box.contentAt;
		if (size > 0) this.#filled.add(box.type);
		if (box.type === 'moov' && size <= LARGEST_MOVIE_BOX) this.#movie ??= box;
	}

	#keepMovie(chunk: Uint8Array): void {
		if (!this.#movie || this.#movie.end <= this.#position) return;
		const start = Math.max(0, this.#movie.contentAt - this.#position);
		// A copy, so that the rest of the chunk can go.
		this.#movieParts.push(new Uint8Array(chunk.subarray(start, this.#movie.end - this.#position)));
	}
}

function headerSize(header: Buffer): number {
	const isLong = header.length >= SHORT_HEADER && header.readUInt32BE(0) === 1;
	return isLong ? LONG_HEADER : SHORT_HEADER;
}

/** @returns nothing when these bytes do not begin with the header of a box */
function readBox(bytes: Buffer, boxAt: number): Box | undefined {
	const contentStart = headerSize(bytes);
	if (bytes.length < contentStart) return undefined;
	const isLong = contentStart === LONG_HEADER;
	const size = isLong ? Number(bytes.readBigUInt64BE(8)) : bytes.readUInt32BE(0);
	const type = bytes.toString('latin1', 4, 8);
	const contentAt = boxAt + contentStart;
	// A size of 0 means: up to the end of the file, wherever that is.
	if (size === 0) return { type, contentAt, end: contentAt + 1, nextAt: Number.POSITIVE_INFINITY };
	if (size < contentStart) return undefined;
	return { type, contentAt, end: boxAt + size, nextAt: boxAt + size };
}

/** Reads the content of `moov`: its `mvhd`, and the `tkhd` of the first track with a picture (8.2.2, 8.3.2). */
export function movieInfo(moov: Buffer): MovieInfo {
	const boxes = boxesIn(moov);
	const header = boxes.find(({ type }) => type === 'mvhd');
	const tracks = boxes
		.filter(({ type }) => type === 'trak')
		.flatMap(({ content }) => boxesIn(content));
	const shapes = tracks.flatMap(({ type, content }) => (type === 'tkhd' ? shapeOf(content) : []));
	return { ...shapes.at(0), ...(header && durationOf(header.content)) };
}

function boxesIn(bytes: Buffer): Array<{ type: string; content: Buffer }> {
	const boxes = [];
	for (let at = 0; at < bytes.length; ) {
		const box = readBox(bytes.subarray(at, at + LONG_HEADER), at);
		if (!box || box.end > bytes.length) break;
		boxes.push({ type: box.type, content: bytes.subarray(box.contentAt, box.end) });
		at = box.nextAt;
	}
	return boxes;
}

/** Version 1 of a header has 64 bits for each of its two dates and its duration, version 0 has 32. */
function durationOf(header: Buffer): MovieInfo {
	const isLong = header[0] === 1;
	if (header.length < (isLong ? 32 : 20)) return {};
	const timescale = header.readUInt32BE(isLong ? 20 : 12);
	const length = isLong ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(16);
	const isKnown = timescale > 0 && length > 0 && (isLong || length !== UNKNOWN_DURATION);
	return isKnown ? { duration: Math.round((1_000 * length) / timescale) / 1_000 } : {};
}

function shapeOf(header: Buffer): MovieInfo[] {
	const matrixAt = header[0] === 1 ? 52 : 40;
	if (header.length < matrixAt + 44) return [];
	const width = header.readUInt16BE(matrixAt + 36);
	const height = header.readUInt16BE(matrixAt + 40);
	if (width === 0 || height === 0) return [];
	// A quarter turn has nothing in the first place of the matrix.
	const isTurned = header.readInt32BE(matrixAt) === 0 && header.readInt32BE(matrixAt + 4) !== 0;
	return [isTurned ? { width: height, height: width } : { width, height }];
}
