import type { Clock } from '../api/http';

const SHARE_OF_AGE = 0.035;
const LONGEST_PAUSE_MS = 10_000;

const MOST_POLLS = 100;
const PERIOD_MS = 2_000;

/**
 * How long after a poll a request is polled again, in ms: the user's Poll Interval and 3.5 % of the
 * request's age, up to 10 s, or the Poll Interval if that is longer.
 *
 * @param ageMs how old the request was at that poll
 */
export function pollPause(ageMs: number, pollIntervalMs: number): number {
	const pauseMs = pollIntervalMs + SHARE_OF_AGE * ageMs;
	return Math.max(pollIntervalMs, Math.min(pauseMs, LONGEST_PAUSE_MS));
}

/** Keeps all requests of a run together to at most 100 polls in any two seconds. */
export class PollLimit {
	private readonly turns: number[] = [];

	constructor(private readonly clock: Clock) {}

	/** Resolves when a poll that is due at `dueAt` (by the clock) may be sent; rejects with the signal's reason. */
	async pass(dueAt: number, signal?: AbortSignal): Promise<void> {
		const { turns } = this;
		await this.sleepUntil(dueAt, signal);
		const freeAt = (turns.at(-MOST_POLLS) ?? Number.NEGATIVE_INFINITY) + PERIOD_MS;
		const turn = Math.max(this.clock.now(), freeAt);
		turns.push(turn);
		if (turns.length > MOST_POLLS) turns.shift();
		await this.sleepUntil(turn, signal);
	}

	private async sleepUntil(time: number, signal?: AbortSignal): Promise<void> {
		const ms = time - this.clock.now();
		if (ms > 0) await this.clock.sleep(ms, signal);
	}
}
