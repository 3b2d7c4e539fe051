import { RunComfyError, type ErrorKind } from './errors';
import type { CallLimits, Clock } from './http';
import type { RateLimit } from './rateLimit';

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 20_000;

/** Repeats a call that failed for a passing reason; see `createRetry`. */
export type Retry = <T>(
	call: () => Promise<T>,
	retriedAfter: readonly ErrorKind[],
	limits: CallLimits,
) => Promise<T>;

/**
 * Builds the one retry loop. Between attempts it waits with exponential backoff and jitter, or as long
 * as the server asked; a 429 closes the rate limit for every other call too.
 *
 * The loop rejects with the last error: when it is none of `retriedAfter`, or when the next attempt
 * would start after the deadline.
 */
export function createRetry(clock: Clock, rateLimit: RateLimit, random: () => number): Retry {
	return async (call, retriedAfter, limits) => {
		for (let attempts = 0; ; attempts++) {
			await rateLimit.pass(limits.signal);
			const outcome = await call().then(
				(answer) => ({ answer }),
				(error: unknown) => ({ error }),
			);
			if ('answer' in outcome) {
				rateLimit.recovered();
				return outcome.answer;
			}
			const { error } = outcome;
			const pauseMs = pauseAfter(error, attempts);
			const mayRetry = error instanceof RunComfyError && retriedAfter.includes(error.kind);
			if (!mayRetry || clock.now() + pauseMs >= limits.deadline) throw error;
			await clock.sleep(pauseMs, limits.signal);
		}
	};

	function pauseAfter(error: unknown, attempts: number): number {
		if (error instanceof RunComfyError && error.kind === 'throttled') {
			rateLimit.slowDown(error.facts.retryAfterMs);
			return rateLimit.remainingMs();
		}
		const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts, 10));
		const asked = error instanceof RunComfyError ? (error.facts.retryAfterMs ?? 0) : 0;
		return Math.max(asked, backoff * (0.5 + random() / 2));
	}
}
