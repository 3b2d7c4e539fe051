import type { Clock } from '../../nodes/KlingVideo/api/http';

/** How many times faster than the real one the warped clock runs. */
export const WARP = 200;

const startedAt = Date.now();
const realNow = Date.now.bind(Date);
const realTimeout = AbortSignal.timeout.bind(AbortSignal);

/**
 * A clock on which minutes pass in moments, so that a test of a long wait takes none. The engine's
 * setup gives it to the node through the two places where the node meets time: `Date.now` and the
 * `sleep` of n8n-workflow.
 */
export const warpedClock: Clock = {
	now: () => startedAt + (realNow() - startedAt) * WARP,
	async sleep(ms, signal) {
		await new Promise<void>((resolve, reject) => {
			if (signal?.aborted) return reject(signal.reason);
			const onAbort = () => {
				clearTimeout(timer);
				reject(signal?.reason);
			};
			const timer = setTimeout(() => {
				signal?.removeEventListener('abort', onAbort);
				resolve();
			}, ms / WARP);
			signal?.addEventListener('abort', onAbort, { once: true });
		});
	},
};

/** Makes request timeouts pass faster too; for tests of calls that are never answered. */
export function warpTimeouts(factor: number): () => void {
	AbortSignal.timeout = (ms) => realTimeout(Math.max(1, ms / factor));
	return () => {
		AbortSignal.timeout = realTimeout;
	};
}
