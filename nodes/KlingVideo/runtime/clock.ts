import { sleep } from 'n8n-workflow';
import type { Clock } from '../api/http';

/**
 * The host's time. n8n's `sleep` takes a signal only since n8n-workflow 2.34; before that the wait
 * still ends at once here, and the host's own timer runs out unheard.
 */
export const hostClock: Clock = {
	now: () => Date.now(),
	async sleep(ms, signal) {
		signal?.throwIfAborted();
		await withAbort(sleep(Math.max(0, ms), signal), signal);
	},
};

/** Settles as the promise does, or rejects with the signal's reason as soon as it is aborted. */
export async function withAbort<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
	if (!signal) return await promise;
	let onAbort = () => {};
	const aborted = new Promise<never>((_, reject) => {
		onAbort = () => reject(signal.reason);
		signal.addEventListener('abort', onAbort, { once: true });
	});
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}
