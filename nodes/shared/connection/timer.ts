import type { Clock } from '../api/http';

/** Calls back after `ms`, unless it is called off by what this returns. */
export function startTimer(clock: Clock, ms: number, callback: () => void): () => void {
	const ended = new AbortController();
	clock.sleep(ms, ended.signal).then(callback, () => undefined);
	// Without a reason of its own an abort makes a DOMException with a stack, for every call.
	return () => ended.abort('called off');
}
