import type { SubmitWatch } from '../api/client';
import type { Clock } from '../api/http';

/** How many submits are under way at once when the first one was taken, and at most. */
const FIRST_WIDTH = 8;
const WIDEST = 64;
/** How long a POST without an answer keeps its place, in ms: one that hangs must hold nobody. */
const HANGING_MS = 2_000;

/**
 * Lets the items of a run submit, in the order of asking. The first goes alone, so that a wrong token,
 * an empty balance or a wrong model costs one call and not a hundred; once one is taken the others go
 * side by side, one more with each that is taken, and half as many after a 429.
 */
export interface SubmitQueue {
	/** Runs a submit when its turn has come; settles as it does. */
	run<T>(submit: (watch: SubmitWatch) => Promise<T>): Promise<T>;
}

export function createSubmitQueue(clock: Clock): SubmitQueue {
	const waiting: Array<() => void> = [];
	let width = 1;
	let underWay = 0;

	function next(): void {
		while (underWay < width && waiting.length > 0) {
			underWay++;
			waiting.shift()?.();
		}
	}

	return {
		async run(submit) {
			await new Promise<void>((resolve) => {
				waiting.push(resolve);
				next();
			});
			let answered = new AbortController();
			let placeHeld = true;
			const leave = () => {
				if (placeHeld) underWay--;
				placeHeld = false;
				next();
			};
			try {
				const taken = await submit({
					sent() {
						answered = new AbortController();
						clock.sleep(HANGING_MS, answered.signal).then(leave, () => undefined);
					},
					throttled() {
						answered.abort('answered');
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
