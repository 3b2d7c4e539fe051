import type { IExecuteFunctions } from 'n8n-workflow';
import type { Clock } from '../api/http';

/** A stream as n8n's binary store takes it. */
export type Readable = Exclude<
	Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0],
	Buffer | Uint8Array
>;

/** A body that has not moved for this long stands still, in ms. */
const STALL_MS = 30_000;

/**
 * Shows every chunk of a stream as its reader gets it, without holding one. It begins to listen in the
 * moment in which the reader does: earlier, the stream would start to flow with nobody there, and n8n
 * (2.41.1) reads differently for each kind of binary store.
 */
export function watchReading(stream: Readable, onChunk: (chunk: Uint8Array) => void): void {
	const onListener = (event: string | symbol) => {
		if (event !== 'data' && event !== 'readable') return;
		stream.off('newListener', onListener);
		stream.on('data', onChunk);
	};
	stream.on('newListener', onListener);
}

/**
 * Watches over a download.
 *
 * @param received tells how many bytes have arrived
 * @param done ends the watch
 * @returns true as soon as 30 to 60 s passed without a byte; false when the watch was ended
 */
export async function watchForStall(
	clock: Clock,
	received: () => number,
	done: AbortSignal,
): Promise<boolean> {
	for (let before = -1; before !== received(); ) {
		before = received();
		try {
			await clock.sleep(STALL_MS, done);
		} catch {
			return false;
		}
	}
	return true;
}
