import type { IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import type { MediaType } from './formats';
import { fileTypeOf, type Hints } from './fileType';
import type { MovieInfo } from './movieInfo';
import { createMp4Boxes } from './mp4Boxes';
import type { Pace } from './pace';
import { HEAD_BYTES } from './signature';

/** A stream as n8n's binary store takes it. */
export type Readable = Exclude<
	Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0],
	Buffer | Uint8Array
>;

export interface FileInfo extends MovieInfo {
	bytes: number;
}

/** A body whose beginning has been read, and whose rest is checked while it is read. */
export interface CheckedBody {
	type: MediaType;
	/** Fails in place of its end when its bytes are not a whole file. */
	stream: Readable;
	/** What the stream failed with, unless its reader gave it up. */
	fault(): unknown;
	info(): FileInfo;
}

export interface BodyRules extends Hints {
	maximumBytes: number;
	pace: Pace;
}

/**
 * Reads the beginning of a body, tells by it what the file is, and puts the checks of the rest into the
 * stream itself: n8n's store keeps a file when the stream ends, so a bad one must fail before.
 *
 * A body that is shorter than its Content-Length needs no check here: Node ends it with an error. The
 * number must not be compared with what arrives, for n8n unpacks a body that was sent packed, and keeps
 * the length of the packed one.
 *
 * @throws RunComfyError `downloadFailed` for what is no file, `downloadTooLarge`
 */
export async function checkBody(body: Readable, rules: BodyRules): Promise<CheckedBody> {
	const chunks = counted(body, rules);
	const head = await readHead(chunks);
	const type = fileTypeOf(head.subarray(0, HEAD_BYTES), rules);
	let fault: unknown;
	let info: FileInfo = { bytes: 0 };
	const whole = wholeFile(head, chunks, type, (found) => (info = found));
	const checked = noting(whole, (error) => (fault = error));
	return { type, stream: streamOf(body, checked), fault: () => fault, info: () => info };
}

async function* counted(
	body: AsyncIterable<Uint8Array>,
	{ maximumBytes, pace }: BodyRules,
): AsyncGenerator<Uint8Array> {
	let received = 0;
	for await (const chunk of body) {
		received += chunk.length;
		if (received > maximumBytes) throw tooLarge(maximumBytes);
		pace.count(chunk.length);
		yield chunk;
		pace.wait();
	}
	pace.end();
}

/** @returns at least as many bytes as tell a format, or the whole of a shorter body */
async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
	let head = Buffer.alloc(0);
	while (head.length < HEAD_BYTES) {
		const next = await chunks.next();
		if (next.done) break;
		head = Buffer.concat([head, next.value]);
	}
	return head;
}

async function* wholeFile(
	head: Uint8Array,
	rest: AsyncIterable<Uint8Array>,
	{ holds }: MediaType,
	onWhole: (info: FileInfo) => void,
): AsyncGenerator<Uint8Array> {
	let bytes = head.length;
	const boxes = holds && createMp4Boxes(holds);
	boxes?.feed(head);
	yield head;
	for await (const chunk of rest) {
		boxes?.feed(chunk);
		bytes += chunk.length;
		yield chunk;
	}
	onWhole(infoOfWhole(bytes, boxes));
}

/**
 * Checks a file that is there as a whole.
 *
 * @throws RunComfyError `downloadFailed`
 */
export function checkBytes(bytes: Uint8Array, { holds }: MediaType): FileInfo {
	const boxes = holds && createMp4Boxes(holds);
	boxes?.feed(bytes);
	return infoOfWhole(bytes.length, boxes);
}

function infoOfWhole(
	bytes: number,
	boxes: ReturnType<typeof createMp4Boxes> | undefined,
): FileInfo {
	const detail = boxes?.fault();
	if (detail !== undefined) throw new RunComfyError('downloadFailed', { detail });
	return { bytes, ...boxes?.info() };
}

/** Passes chunks on, and tells of an error of theirs. */
async function* noting(
	chunks: AsyncGenerator<Uint8Array>,
	onFault: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
	try {
		for (;;) {
			const next = await chunks.next().catch((error: unknown) => {
				onFault(error);
				throw error;
			});
			if (next.done) return;
			yield next.value;
		}
	} finally {
		await chunks.return(undefined);
	}
}

/** A class of streams: each of Node's inherits `from`. */
interface StreamClass {
	from(chunks: AsyncIterable<Uint8Array>, options: { objectMode: boolean }): Readable;
}

/** Makes a stream by the class of another: community nodes must not import `node:stream`. */
function streamOf(other: Readable, chunks: AsyncIterable<Uint8Array>): Readable {
	const streams: object = other.constructor;
	return (streams as StreamClass).from(chunks, { objectMode: false });
}

export function tooLarge(maximumBytes: number): RunComfyError {
	const detail = `larger than ${maximumBytes / 1_000_000} MB`;
	return new RunComfyError('downloadTooLarge', { detail });
}
