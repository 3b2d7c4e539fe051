import { movieInfo, type MovieInfo } from './movieInfo';

/** Follows an mp4 as it streams by, box by box. */
export interface Mp4Boxes {
	feed(chunk: Uint8Array): void;
	/** What is wrong with the file if it ends here; undefined when it is complete. */
	fault(): string | undefined;
	info(): MovieInfo;
}

interface Box {
	type: string;
	contentAt: number;
	end: number;
	nextAt: number;
}

const SHORT_HEADER = 8;
const LONG_HEADER = 16;
/** The description of a movie is kept up to this size, in bytes: that of a minute takes some 50 kB. */
const LARGEST_MOVIE_BOX = 2 ** 21;

/**
 * The boxes without which the file cannot be played, or only in part. What is unfinished of any other,
 * or is no box at all, is something that was put behind the last one.
 */
const ESSENTIAL = new Set(['ftyp', 'moov', 'mdat', 'moof', 'meta']);

/**
 * An mp4, like its relatives for sound and for still pictures, is a row of boxes, each with its size in
 * front (ISO/IEC 14496-12, 4.2), so a file that was cut shows it, also where the server announced no
 * length or a wrong one. Only the headers are read, and what describes the movie.
 *
 * @param holds what there must be in the file
 */
export function createMp4Boxes(holds: 'movie' | 'picture'): Mp4Boxes {
	const filled = new Set<string>();
	let position = 0;
	let boxAt = 0;
	let header: number[] = [];
	let last: Box | undefined;
	let movie: Box | undefined;
	const movieParts: Uint8Array[] = [];

	function enter(box: Box | undefined): void {
		boxAt = box?.nextAt ?? Number.POSITIVE_INFINITY;
		header = [];
		if (!box) return;
		last = box;
		if (box.end > box.contentAt) filled.add(box.type);
		const isMovie = box.type === 'moov' && box.end - box.contentAt <= LARGEST_MOVIE_BOX;
		if (isMovie) movie ??= box;
	}

	function keepMovie(chunk: Uint8Array): void {
		if (!movie || movie.end <= position) return;
		const part = chunk.subarray(Math.max(0, movie.contentAt - position), movie.end - position);
		// A copy, so that the rest of the chunk can go.
		if (part.length > 0) movieParts.push(new Uint8Array(part));
	}

	return {
		feed(chunk) {
			let at = boxAt + header.length - position;
			while (at < chunk.length) {
				header.push(chunk[at++] ?? 0);
				if (header.length < headerSize(header)) continue;
				enter(readBox(header, boxAt));
				at = boxAt - position;
			}
			keepMovie(chunk);
			position += chunk.length;
		},
		fault() {
			const missing = (last?.end ?? 0) - position;
			if (last && missing > 0 && ESSENTIAL.has(last.type)) {
				return `the file is cut short: it lacks ${missing} of its bytes`;
			}
			if (filled.has('moov') && filled.has('mdat')) return undefined;
			if (holds === 'picture' && filled.has('meta')) return undefined;
			return `there is no ${holds} in the file`;
		},
		info: () => movieInfo(Buffer.concat(movieParts)),
	};
}

function headerSize(header: number[]): number {
	return header.length >= SHORT_HEADER && bigEndian(header.slice(0, 4)) === 1
		? LONG_HEADER
		: SHORT_HEADER;
}

/** @returns nothing when these bytes are not the header of a box */
function readBox(header: number[], boxAt: number): Box | undefined {
	const short = bigEndian(header.slice(0, 4));
	const size = short === 1 ? bigEndian(header.slice(8)) : short;
	const type = String.fromCharCode(...header.slice(4, 8));
	const contentAt = boxAt + header.length;
	// A size of 0 means: up to the end of the file, wherever that is.
	if (size === 0) return { type, contentAt, end: contentAt + 1, nextAt: Number.POSITIVE_INFINITY };
	if (size < header.length) return undefined;
	return { type, contentAt, end: boxAt + size, nextAt: boxAt + size };
}

function bigEndian(bytes: number[]): number {
	return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
