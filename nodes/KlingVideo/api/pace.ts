import type { Clock } from './http';
import { earlySpacing, pollDelay, usualTime } from './pollDelay';

/** How far behind the measured usual time a look aims. */
const JUST_AFTER_MS = 50;
/** Successive multiples of it spread evenly over the unit interval. */
const GOLDEN_RATIO = 0.618_034;

/** How often to look at the requests of one run: each learns from those that finished before it. */
export interface Pace {
	/**
	 * Follows one more request.
	 *
	 * @param leastMs the user's lower bound between two looks
	 * @param fresh whether it was just submitted: one that was submitted earlier is looked at once, and
	 * tells nothing about how long requests take
	 */
	follow(leastMs: number, fresh: boolean): Follower;
}

/** The pace of one request. */
export interface Follower {
	/** Resolves when the first look is due. */
	firstLook(signal?: AbortSignal): Promise<void>;
	/** Tells how far it is; resolves when the next look is due. `untilMs` (epoch) ends the wait early. */
	nextLook(queued: boolean, untilMs: number, signal?: AbortSignal): Promise<void>;
	/** Tells that it is completed. */
	completed(): void;
}

export function createPace(clock: Clock): Pace {
	const measured: number[] = [];
	const sleepers = new Set<AbortController>();
	let usual = usualTime(measured);
	let siblings = 0;

	function learn(timeMs: number): void {
		measured.push(timeMs);
		// Later ones teach little more: the sleepers are woken by the 1st, 2nd, 4th, 8th … only.
		if ((measured.length & (measured.length - 1)) !== 0) return;
		usual = usualTime(measured);
		for (const sleeper of sleepers) sleeper.abort();
	}

	return {
		follow(leastMs, fresh) {
			const submittedAt = clock.now();
			let startedAt = submittedAt;
			// Siblings take turns, so that the first of them to finish is found early by one of their looks.
			const turn = (siblings++ * GOLDEN_RATIO) % 1;

			/** Sleeps until the time that `due` gives, and asks again whenever there is more to know. */
			async function sleepUntil(due: () => number, signal?: AbortSignal): Promise<void> {
				for (let at = due(); clock.now() < at; at = due()) {
					signal?.throwIfAborted();
					const sleeper = new AbortController();
					const onAbort = () => sleeper.abort();
					signal?.addEventListener('abort', onAbort, { once: true });
					sleepers.add(sleeper);
					await clock.sleep(at - clock.now(), sleeper.signal).catch(() => undefined);
					sleepers.delete(sleeper);
					signal?.removeEventListener('abort', onAbort);
				}
				signal?.throwIfAborted();
			}

			return {
				async firstLook(signal) {
					if (!fresh) return;
					await sleepUntil(() => submittedAt + leastMs * earlySpacing(siblings) ** turn, signal);
				},
				async nextLook(queued, untilMs, signal) {
					const lookedAt = clock.now();
					if (queued) startedAt = lookedAt;
					const ageMs = lookedAt - submittedAt;
					const runningMs = lookedAt - startedAt;
					const due = () => {
						const planned = lookedAt + pollDelay({ ageMs, runningMs, siblings, leastMs, usual });
						// A look just before the usual time would miss the end by a little and cost a whole interval.
						const usualAt = startedAt + usual.medianMs + JUST_AFTER_MS;
						const early = usualAt - Math.max(planned, clock.now());
						return usual.measured && early > 0 && early < leastMs ? usualAt : planned;
					};
					await sleepUntil(() => Math.min(untilMs, due()), signal);
				},
				completed() {
					if (fresh) learn(clock.now() - startedAt);
				},
			};
		},
	};
}
