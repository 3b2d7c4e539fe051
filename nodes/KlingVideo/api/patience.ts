import { RunComfyError } from './errors';
import type { CallLimits, Clock } from './http';
import type { Throttle } from './throttle';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;

/** Repeats a call that failed for a passing reason; see `createPatience`. */
export type Patience = <T>(
	call: () => Promise<T>,
	mayRepeat: (error: unknown) => boolean,
	limits: CallLimits,
) => Promise<T>;

/**
 * Builds the one retry loop. Between tries it waits with exponential backoff and jitter, or as long
 * as the server asked; a 429 closes the throttle for every other call too.
 *
 * The loop gives up by throwing the last error: when `mayRepeat` says no, or when the next try would
 * start after the deadline.
 */
export function createPatience(clock: Clock, throttle: Throttle, random: () => number): Patience {
	return async (call, mayRepeat, limits) => {
		for (let tries = 0; ; tries++) {
			await throttle.pass(limits.signal);
			try {
				const answer = await call();
				throttle.recovered();
				return answer;
			} catch (error) {
				const pauseMs = pauseAfter(error, tries);
				if (!mayRepeat(error) || clock.now() + pauseMs >= limits.deadline) return giveUp(error);
				await clock.sleep(pauseMs, limits.signal);
			}
		}
	};

	function pauseAfter(error: unknown, tries: number): number {
		if (error instanceof RunComfyError && error.kind === 'throttled') {
			throttle.slowDown(error.facts.retryAfterMs);
			return throttle.remainingMs();
		}
		const backoff = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10));
		const asked = error instanceof RunComfyError ? (error.facts.retryAfterMs ?? 0) : 0;
		return Math.max(asked, backoff * (0.5 + random() / 2));
	}
}

async function giveUp(error: unknown): Promise<never> {
	return await Promise.reject(error);
}
