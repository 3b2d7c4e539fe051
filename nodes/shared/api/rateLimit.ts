import { RunComfyError } from './errors';
import type { CallLimits, Clock } from './http';

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;

/** A gate that all calls of one run pass: one 429 closes it for all of them. */
export interface RateLimit {
	/**
	 * Resolves when calls may be sent again; rejects with the signal's reason.
	 *
	 * @throws RunComfyError `throttled` at once when that would be after the deadline
	 */
	pass(limits: CallLimits): Promise<void>;
	/**
	 * Takes note of a 429 and closes the gate, for the own backoff at least: twice the time of the last
	 * 429 in a row. What the server asks for beyond that holds the call that it was told; the others try
	 * again after a minute at the latest, for no server decides how long they wait.
	 *
	 * @returns how long the call itself has to wait, in ms
	 */
	slowDown(retryAfterMs?: number): number;
	/** A call went through: the next 429 starts small again. */
	recovered(): void;
}

/** @param random gives a number from 0 up to 1, for jitter */
export function createRateLimit(clock: Clock, random: () => number): RateLimit {
	let closedUntil = 0;
	let askedUntil = 0;
	let strikes = 0;

	return {
		async pass({ deadline, signal }) {
			while (clock.now() < closedUntil) {
				if (closedUntil > deadline) {
					const retryAfterMs = askedUntil - clock.now();
					throw new RunComfyError('throttled', {
						...(retryAfterMs > 0 && { retryAfterMs }),
						leftMs: Math.max(0, deadline - clock.now()),
					});
				}
				await clock.sleep(closedUntil - clock.now(), signal);
			}
		},
		slowDown(retryAfterMs = 0) {
			const backoff =
				Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** strikes) * (0.75 + random() / 2);
			// Calls that were already under way bring their own 429: they count as one strike.
			if (clock.now() >= closedUntil) strikes++;
			const pauseMs = Math.max(backoff, retryAfterMs);
			askedUntil = Math.max(askedUntil, clock.now() + retryAfterMs);
			closedUntil = Math.max(closedUntil, clock.now() + Math.min(pauseMs, LONGEST_BACKOFF_MS));
			return Math.max(pauseMs, closedUntil - clock.now());
		},
		recovered() {
			if (clock.now() >= closedUntil) strikes = 0;
		},
	};
}
