import { RunComfyError } from './errors';
import type { CallLimits, Clock } from './http';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const FIRST_SPACING_MS = 50;
const LONGEST_SPACING_MS = 2_000;
const SHORTEST_SPACING_MS = 10;

/**
 * What a 429 does to all calls of a run: they pause, and then leave one after the other. Each 429
 * doubles pause and spacing; an answered call ends the doubling, and takes a tenth off the spacing.
 */
export class RateLimit {
	#closedUntil = 0;
	#nextAt = 0;
	#askedUntil = 0;
	#inARow = 0;
	#spacingMs = 0;

	constructor(
		private readonly clock: Clock,
		private readonly random: () => number,
	) {}

	/** @throws RunComfyError `throttled` at once when the call could only leave after the deadline */
	async pass({ deadline, signal }: CallLimits): Promise<void> {
		let leavesAt = this.#reserve();
		while (this.clock.now() < leavesAt) {
			const now = this.clock.now();
			if (leavesAt > deadline) {
				const retryAfterMs = this.#askedUntil - now;
				throw new RunComfyError('throttled', {
					...(retryAfterMs > 0 && { retryAfterMs }),
					leftMs: Math.max(0, deadline - now),
				});
			}
			await this.clock.sleep(leavesAt - now, signal);
			if (this.clock.now() < this.#closedUntil) leavesAt = this.#reserve();
		}
	}

	/** Gives how long the call itself has to wait after a 429. Beyond a minute that holds up no other call. */
	slowDown(retryAfterMs = 0): number {
		const now = this.clock.now();
		const backoffMs =
			Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#inARow) * (0.75 + this.random() / 2);
		// The 429s of calls that were under way together count as one.
		if (now >= this.#closedUntil) {
			this.#inARow++;
			this.#spacingMs = Math.min(
				LONGEST_SPACING_MS,
				Math.max(FIRST_SPACING_MS, 2 * this.#spacingMs),
			);
		}
		const pauseMs = Math.max(backoffMs, retryAfterMs);
		this.#askedUntil = Math.max(this.#askedUntil, now + retryAfterMs);
		this.#closedUntil = Math.max(this.#closedUntil, now + Math.min(pauseMs, LONGEST_PAUSE_MS));
		this.#nextAt = this.#closedUntil;
		return Math.max(pauseMs, this.#closedUntil - now);
	}

	answered(): void {
		if (this.clock.now() < this.#closedUntil) return;
		this.#inARow = 0;
		this.#spacingMs *= 0.9;
		if (this.#spacingMs < SHORTEST_SPACING_MS) this.#spacingMs = 0;
	}

	#reserve(): number {
		const leavesAt = Math.max(this.clock.now(), this.#closedUntil, this.#nextAt);
		this.#nextAt = leavesAt + this.#spacingMs;
		return leavesAt;
	}
}
