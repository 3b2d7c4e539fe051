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
 * as the server asked when that is longer; a 429 closes the rate limit for every other call too.
 *
 * The loop rejects with the last error: when it is none of `retriedAfter`, or, at once, when the next
 * attempt would start after the deadline. The error then says how long the server asked to wait
 * (`retryAfterMs`) and how much was left (`leftMs`).
 */
export function createRetry(clock: Clock, rateLimit: RateLimit, random: () => number): Retry {
	return async (call, retriedAfter, limits) => {
		for (let attempts = 0; ; attempts++) {
			await rateLimit.pass(limits);
			const outcome = await call().then(
				(answer) => ({ answer }),
				(error: unknown) => ({ error }),
			);
			if ('answer' in outcome) {
				rateLimit.recovered();
				return outcome.answer;
			}
			const { error } = outcome;
			if (!(error instanceof RunComfyError) || !retriedAfter.includes(error.kind)) throw error;
			const pauseMs = pauseAfter(error, attempts);
			const leftMs = Math.max(0, limits.deadline - clock.now());
			if (pauseMs >= leftMs) throw error.with({ leftMs });
			await clock.sleep(pauseMs, limits.signal);
		}
	};

	function pauseAfter({ kind, facts }: RunComfyError, attempts: number): number {
		if (kind === 'throttled') return rateLimit.slowDown(facts.retryAfterMs);
		const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts, 10));
		return Math.max(facts.retryAfterMs ?? 0, backoff * (0.5 + random() / 2));
	}
}
