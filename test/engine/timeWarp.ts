import type { Clock } from '../../nodes/shared/api/http';

const realNow = Date.now.bind(Date);
const realTimeout = AbortSignal.timeout.bind(AbortSignal);

/** How many times faster than the real one the warped clock runs, and since when. */
let speed = 200;
let anchor = { real: realNow(), warped: realNow() };

/** Changes the speed; for tests in which a bound of a few seconds must leave time for real calls. */
export function setSpeed(times: number): void {
	anchor = { real: realNow(), warped: warpedClock.now() };
	speed = times;
}

/**
 * A clock on which minutes pass in moments, so that a test of a long wait takes none. The engine's
 * setup gives it to the node through the two places where the node meets time: `Date.now` and the
 * `sleep` of n8n-workflow.
 */
export const warpedClock: Clock = {
	now: () => anchor.warped + (realNow() - anchor.real) * speed,
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
			}, ms / speed);
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
