import type { CallWatch } from '../api/call';
import type { CallLimits, Clock } from '../api/http';
import { linkedAbort } from '../connection/linkedAbort';

/** How many submits are under way at once when the first one was taken, and at most. */
const FIRST_WIDTH = 8;
const WIDEST = 64;
/** How long a POST without an answer keeps its place, in ms: one that hangs must not hold up the others. */
const HANGING_MS = 2_000;
/** The same after a 429, in ms: longer than our own backoff, but no server decides how long others wait. */
const THROTTLED_MS = 75_000;

/**
 * Lets the items of a run submit, in the order in which they asked. The first goes alone, so that a wrong token,
 * an empty balance or a wrong model costs one call and not a hundred; once one is taken the others go
 * side by side, one more with each that is taken, and half as many after a 429.
 */
export interface SubmitQueue {
	/**
	 * Runs a submit when its turn has come, or without one when its time is over: the submit has to check
	 * its limits itself. Settles as it does.
	 */
	run<T>(limits: CallLimits, submit: (watch: CallWatch) => Promise<T>): Promise<T>;
}

export function createSubmitQueue(clock: Clock): SubmitQueue {
	const waiting = new Set<() => void>();
	let width = 1;
	let underWay = 0;

	function next(): void {
		for (const enter of waiting) {
			if (underWay >= width) return;
			waiting.delete(enter);
			underWay++;
			enter();
		}
	}

	/** Resolves with true when there is a place, and with false when the time is over before. */
	async function hasPlace({ deadline, signal }: CallLimits): Promise<boolean> {
		const wait = linkedAbort(signal);
		return await new Promise<boolean>((resolve) => {
			const enter = () => {
				resolve(true);
				wait.abort('has a place');
			};
			const giveUp = () => resolve(!waiting.delete(enter));
			waiting.add(enter);
			next();
			clock.sleep(deadline - clock.now(), wait.signal).then(giveUp, giveUp);
		}).finally(wait.release);
	}

	return {
		async run(limits, submit) {
			let placeHeld = await hasPlace(limits);
			let answered = new AbortController();
			const leave = () => {
				if (placeHeld) underWay--;
				placeHeld = false;
				next();
			};
			const leaveAfter = (ms: number) => {
				answered.abort('answered');
				answered = new AbortController();
				clock.sleep(ms, answered.signal).then(leave, () => undefined);
			};
			try {
				const taken = await submit({
					sent: () => leaveAfter(HANGING_MS),
					throttled() {
						leaveAfter(THROTTLED_MS);
						width = Math.max(1, Math.floor(width / 2));
					},
				});
				width = Math.min(WIDEST, Math.max(FIRST_WIDTH, width + 1));
				return taken;
			} finally {
				answered.abort('answered');
				leave();
			}
		},
	};
}
