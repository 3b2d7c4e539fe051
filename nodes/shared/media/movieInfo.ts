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
	content: DataView;
}

const HEADER = 8;
/** A duration that is not known has all bits set. */
const UNKNOWN_DURATION = 0xffff_ffff;

/**
 * Reads length and shape from the header boxes of an mp4: `mvhd`, and the `tkhd` of the first track with
 * a picture (ISO/IEC 14496-12, 8.2.2 and 8.3.2). A fragmented file has no length there.
 *
 * @param moov the content of the box `moov`
 */
export function movieInfo(moov: Uint8Array): MovieInfo {
	const boxes = boxesIn(viewOf(moov));
	const header = boxes.find(({ type }) => type === 'mvhd');
	const tracks = boxes
		.filter(({ type }) => type === 'trak')
		.flatMap(({ content }) => boxesIn(content));
	const shapes = tracks.flatMap(({ type, content }) => (type === 'tkhd' ? shapeOf(content) : []));
	return { ...shapes.at(0), ...(header && durationOf(header.content)) };
}

function boxesIn(content: DataView): Box[] {
	const boxes: Box[] = [];
	for (let at = 0; at + HEADER <= content.byteLength; ) {
		const size = content.getUint32(at);
		if (size < HEADER || at + size > content.byteLength) break;
		const type = String.fromCharCode(...[4, 5, 6, 7].map((byte) => content.getUint8(at + byte)));
		const { buffer, byteOffset } = content;
		boxes.push({ type, content: new DataView(buffer, byteOffset + at + HEADER, size - HEADER) });
		at += size;
	}
	return boxes;
}

/** Version 1 of a header has 64 bits for each of its two dates and its duration, version 0 has 32. */
function durationOf(header: DataView): MovieInfo {
	const isLong = header.byteLength > 0 && header.getUint8(0) === 1;
	if (header.byteLength < (isLong ? 32 : 20)) return {};
	const timescale = header.getUint32(isLong ? 20 : 12);
	const length = isLong ? Number(header.getBigUint64(24)) : header.getUint32(16);
	const isKnown = timescale > 0 && length > 0 && (isLong || length !== UNKNOWN_DURATION);
	return isKnown ? { duration: Math.round((1_000 * length) / timescale) / 1_000 } : {};
}

/** @returns nothing for a track without a picture, such as sound */
function shapeOf(header: DataView): MovieInfo[] {
	const isLong = header.byteLength > 0 && header.getUint8(0) === 1;
	const matrixAt = isLong ? 52 : 40;
	if (header.byteLength < matrixAt + 44) return [];
	const width = header.getUint16(matrixAt + 36);
	const height = header.getUint16(matrixAt + 40);
	if (width === 0 || height === 0) return [];
	// A quarter turn has nothing in the first place of the matrix.
	const isTurned = header.getInt32(matrixAt) === 0 && header.getInt32(matrixAt + 4) !== 0;
	return [isTurned ? { width: height, height: width } : { width, height }];
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
	return new DataView(buffer, byteOffset, byteLength);
}
