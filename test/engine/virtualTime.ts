import { installVirtualClock, type VirtualClock } from '../fixtures/virtualClock';
import { watchProcess } from './underWay';

/** How many turns of the event loop must bring nothing: code may go on in a turn of its own. */
const QUIET_TURNS = 10;
const HOUR_MS = 3_600_000;

let clock: VirtualClock;

/**
 * Makes time virtual for the node, n8n and the emulator alike: it stops while anything runs,
 * and jumps to the next timer when all wait for one.
 *
 * @returns the end of it
 */
export function startVirtualTime(): () => void {
	clock = installVirtualClock(Date.UTC(2026, 0, 1));
	const watch = watchProcess();
	let quietTurns = 0;
	let next = setImmediate(turn);
	function turn() {
		next = setImmediate(turn);
		quietTurns = watch.isUnderWay() ? 0 : quietTurns + 1;
		if (quietTurns < QUIET_TURNS) return;
		quietTurns = 0;
		clock.next();
	}
	return () => {
		clearImmediate(next);
		watch.end();
		clock.uninstall();
	};
}

/** Sets the wall clock, as a time server does: timers and durations go on as before. */
export function setDate(epochMs: number): void {
	clock.setSystemTime(epochMs);
}

/** How many timers are set and have neither come nor been cleared. */
export function openTimers(): number {
	return clock.countTimers();
}

/** Lets so much time pass, in ms, and whatever happens in it. */
export async function pass(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits for a moment. Time does not go on before the caller does.
 *
 * @throws Error when the moment has not come within an hour
 */
export async function until(holds: () => boolean): Promise<void> {
	let late = false;
	const bound = setTimeout(() => (late = true), HOUR_MS);
	while (!holds()) {
		if (late) throw new Error(`Not within an hour: ${holds}`);
		await new Promise((resolve) => setImmediate(resolve));
	}
	clearTimeout(bound);
}
