import { sleep } from 'n8n-workflow';
import type { Clock } from '../api/http';
import { linkedAbort, withAbort } from './linkedAbort';

/** A timer of more than 31 bits of ms fires at once. */
const LONGEST_TIMER_MS = 24 * 60 * 60 * 1000;

/** n8n's `sleep` takes a signal only since n8n-workflow 2.34: before, its own timer runs out unheard. */
export const hostClock: Clock = {
	now: () => performance.now(),
	async sleep(ms, signal) {
		let leftMs = Math.max(0, ms);
		do {
			signal?.throwIfAborted();
			const napMs = Math.min(leftMs, LONGEST_TIMER_MS);
			// A signal of its own, on which n8n may put its listener.
			const nap = linkedAbort(signal);
			await withAbort(sleep(napMs, nap.signal), nap.signal).finally(nap.release);
			leftMs -= napMs;
		} while (leftMs > 0);
	},
};

/** Calls back after `ms`, unless it is called off by what this returns. */
export function startTimer(clock: Clock, ms: number, callback: () => void): () => void {
	const ended = new AbortController();
	clock.sleep(ms, ended.signal).then(callback, () => undefined);
	// Without a reason of its own an abort makes a DOMException with a stack, for every call.
	return () => ended.abort('called off');
}
