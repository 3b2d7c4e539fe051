import type { Clock } from './http';

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;

/** A gate that all calls of one run pass: one 429 closes it for all of them. */
export interface RateLimit {
	/** Resolves when calls may be sent again; rejects with the signal's reason. */
	pass(signal?: AbortSignal): Promise<void>;
	/** How long the gate stays closed, in ms; 0 when open. */
	remainingMs(): number;
	/** Closes the gate: for what the server asked, else for twice the time of the last 429 in a row. */
	slowDown(retryAfterMs?: number): void;
	/** A call went through: the next 429 starts small again. */
	recovered(): void;
}

export function createRateLimit(clock: Clock, random: () => number): RateLimit {
	let closedUntil = 0;
	let strikes = 0;

	return {
		async pass(signal) {
			while (clock.now() < closedUntil) await clock.sleep(closedUntil - clock.now(), signal);
		},
		remainingMs: () => Math.max(0, closedUntil - clock.now()),
		slowDown(retryAfterMs) {
			const own =
				Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** strikes) * (0.75 + random() / 2);
			// Calls that were already under way bring their own 429: they count as one strike.
			if (clock.now() >= closedUntil) strikes++;
			closedUntil = Math.max(closedUntil, clock.now() + (retryAfterMs ?? own));
		},
		recovered() {
			if (clock.now() >= closedUntil) strikes = 0;
		},
	};
}
