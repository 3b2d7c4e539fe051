import type { IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { fileTypeOf, type Hints } from './fileType';
import { HEAD_BYTES, type MediaType } from './formats';
import { Mp4Boxes, type MovieInfo } from './mp4';
import type { Pace } from './pace';

/** A stream as n8n's binary store takes it. */
export type Readable = Exclude<
	Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0],
	Buffer | Uint8Array
>;

/** Named as in an item. */
export interface FileInfo extends MovieInfo {
	file_size: number;
}

/** Follows the bytes of a file, in one piece or in many. */
export class FileCheck {
	fault: unknown;
	readonly #boxes: Mp4Boxes | undefined;
	#bytes = 0;

	constructor(readonly type: MediaType) {
		this.#boxes = type.holds && new Mp4Boxes(type.holds);
	}

	feed(chunk: Uint8Array): void {
		this.#boxes?.feed(chunk);
		this.#bytes += chunk.length;
	}

	/** @throws RunComfyError `downloadFailed` when the file cannot end here */
	end(): void {
		const detail = this.#boxes?.fault();
		if (detail !== undefined) throw new RunComfyError('downloadFailed', { detail });
	}

	info(): FileInfo {
		return { file_size: this.#bytes, ...this.#boxes?.info() };
	}
}

/**
 * Reads the beginning of a body, tells by it what the file is, and puts the checks of the rest into the
 * stream itself: n8n's store keeps a file when the stream ends, so a bad one must fail before. Content-Length
 * is not compared with what arrives: Node ends a shorter body with an error, and n8n unpacks one that was sent
 * packed, but keeps the length of the packed one.
 *
 * @throws RunComfyError `downloadFailed` for what is no file, `downloadTooLarge`
 */
export async function checkBody(
	body: Readable,
	hints: Hints,
	maximumBytes: number,
	pace: Pace,
): Promise<{ stream: Readable; check: FileCheck }> {
	const chunks = bounded(body, maximumBytes, pace);
	const head = await readHead(chunks);
	const check = new FileCheck(fileTypeOf(head, hints));
	const checked = wholeFile(head, chunks, check);
	// No generator: a reader that gives up throws its own error into one.
	const iterator = {
		next: async () =>
			await checked.next().catch((error: unknown) => {
				check.fault = error;
				throw error;
			}),
		return: async () => await checked.return(undefined),
	};
	return { stream: streamOf(body, { [Symbol.asyncIterator]: () => iterator }), check };
}

async function* bounded(
	body: AsyncIterable<Uint8Array>,
	maximumBytes: number,
	pace: Pace,
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
	check: FileCheck,
): AsyncGenerator<Uint8Array> {
	check.feed(head);
	yield head;
	for await (const chunk of rest) {
		check.feed(chunk);
		yield chunk;
	}
	check.end();
}

/** Makes a stream by the class of another: community nodes must not import `node:stream`. */
function streamOf(other: Readable, chunks: AsyncIterable<Uint8Array>): Readable {
	const streams = other.constructor as unknown as {
		from(chunks: AsyncIterable<Uint8Array>, options: { objectMode: boolean }): Readable;
	};
	return streams.from(chunks, { objectMode: false });
}

export function tooLarge(maximumBytes: number): RunComfyError {
	const detail = `larger than ${maximumBytes / 1_000_000} MB`;
	return new RunComfyError('downloadTooLarge', { detail });
}
