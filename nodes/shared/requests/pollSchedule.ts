import type { Clock } from '../api/http';
import { linkedAbort } from '../connection/linkedAbort';
import { earlySpacing, pollDelay, usualTime } from './pollDelay';

/** How far behind the measured usual time a poll aims. */
const JUST_AFTER_MS = 50;
/** Successive multiples of it spread evenly over the unit interval. */
const GOLDEN_RATIO = 0.618_034;

/** When to poll the requests of one run: each learns from those that finished before it. */
export interface PollSchedule {
	/**
	 * Schedules the polls of one more request.
	 *
	 * @param leastMs the user's lower bound between two polls
	 * @param fresh whether it was just submitted: one that was submitted earlier is polled at once, and
	 * tells nothing about how long requests take
	 */
	follow(leastMs: number, fresh: boolean): RequestPolls;
}

/** The polls of one request. */
export interface RequestPolls {
	/** Resolves when the first poll is due, at `untilMs` (epoch) at the latest. */
	first(untilMs: number, signal?: AbortSignal): Promise<void>;
	/** Is told how far the request is; resolves when the next poll is due, at `untilMs` (epoch) at the latest. */
	next(queued: boolean, untilMs: number, signal?: AbortSignal): Promise<void>;
	/** Is told that the request is completed, and how long it took if RunComfy says so, in ms. */
	completed(tookMs?: number): void;
}

export function createPollSchedule(clock: Clock): PollSchedule {
	const measured: number[] = [];
	const sleepers = new Set<(reason: unknown) => void>();
	let usual = usualTime(measured);
	let siblings = 0;

	function learn(timeMs: number): void {
		measured.push(timeMs);
		// Later ones teach little more: the sleepers are woken by the 1st, 2nd, 4th, 8th … only.
		if ((measured.length & (measured.length - 1)) !== 0) return;
		usual = usualTime(measured);
		for (const wake of sleepers) wake('more is known');
	}

	/** Sleeps until the time that `due` gives, and asks again whenever there is more to know. */
	async function sleepUntil(due: () => number, signal?: AbortSignal): Promise<void> {
		for (let at = due(); clock.now() < at; at = due()) {
			signal?.throwIfAborted();
			const sleeper = linkedAbort(signal);
			sleepers.add(sleeper.abort);
			await clock.sleep(at - clock.now(), sleeper.signal).catch(() => undefined);
			sleepers.delete(sleeper.abort);
			sleeper.release();
		}
		signal?.throwIfAborted();
	}

	return {
		follow(leastMs, fresh) {
			const submittedAt = clock.now();
			let startedAt = submittedAt;
			// Ages are those at which a poll was sent: its reply may take its time to come back.
			let polledAt = submittedAt;
			let unfinishedAt = submittedAt;
			// Siblings take turns, so that the first of them to finish is found early by one of their polls.
			const turn = (siblings++ * GOLDEN_RATIO) % 1;

			return {
				async first(untilMs, signal) {
					if (!fresh) return;
					const due = () => {
						const usualMs = usual.measured
							? usual.medianMs + JUST_AFTER_MS
							: Number.POSITIVE_INFINITY;
						return submittedAt + Math.min(usualMs, leastMs * earlySpacing(siblings) ** turn);
					};
					await sleepUntil(() => Math.min(untilMs, due()), signal);
					polledAt = clock.now();
				},
				async next(queued, untilMs, signal) {
					unfinishedAt = polledAt;
					if (queued) startedAt = polledAt;
					const ageMs = polledAt - submittedAt;
					const runningMs = polledAt - startedAt;
					const due = () => {
						const planned = polledAt + pollDelay({ ageMs, runningMs, siblings, leastMs, usual });
						// A poll just before the usual time would miss the end by a little and cost a whole interval.
						const usualAt = startedAt + usual.medianMs + JUST_AFTER_MS;
						const early = usualAt - Math.max(planned, clock.now());
						return usual.measured && early > 0 && early < leastMs ? usualAt : planned;
					};
					await sleepUntil(() => Math.min(untilMs, due()), signal);
					polledAt = clock.now();
				},
				completed(tookMs = Number.POSITIVE_INFINITY) {
					if (!fresh) return;
					const finishedAt = Math.max(unfinishedAt, Math.min(clock.now(), submittedAt + tookMs));
					learn(finishedAt - startedAt);
				},
			};
		},
	};
}
