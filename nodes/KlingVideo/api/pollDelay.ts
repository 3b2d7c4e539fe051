/** What is known of a request when the next look at it is planned. Times in ms. */
export interface Progress {
	/** Since the request was submitted. */
	elapsedMs: number;
	/** The user's lower bound between two looks. */
	leastMs: number;
}

const LONGEST_MS = 10_000;

/** How long to wait before the next look at a request, in ms: a tenth of its age, within bounds. */
export function pollDelay({ elapsedMs, leastMs }: Progress): number {
	return Math.max(leastMs, Math.min(LONGEST_MS, elapsedMs / 10));
}
