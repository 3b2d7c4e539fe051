/** How long requests of this kind usually take. */
export interface UsualTime {
	/** Half of them are finished after this long, in ms. */
	medianMs: number;
	/** The spread of the logarithms of their times: 0.1 means that most lie within a tenth or two. */
	spread: number;
	/** Whether it was measured in this execution, or is only what is to be expected. */
	measured: boolean;
}

/** What is known of a request when its next poll is planned. */
export interface Progress {
	/** How long ago it was submitted, in ms. */
	ageMs: number;
	/** How long it has been out of the queue, as far as is known, in ms; 0 while it is queued. */
	runningMs: number;
	/** How many requests of the same run are polled, this one included. */
	siblings: number;
	/** The user's lower bound between two polls, in ms. */
	leastMs: number;
	usual: UsualTime;
}

/** "One to several minutes" (RunComfy's public pages), before anything was measured. */
const UNMEASURED: UsualTime = { medianMs: 120_000, spread: 0.2, measured: false };
/** What one measured sibling is taken for: the others will resemble it. */
const SIBLING_SPREAD = 0.1;

const LONGEST_MS = 60_000;
/** How much waiting a poll is worth: the root of ms per poll. Larger means fewer polls. */
const CARE = 22;

/**
 * How long to wait before the next poll of a request, in ms.
 *
 * A poll is worth it where the request is likely to finish. With h, the chance that it finishes in the
 * next moment if it has not yet, polls cost least together with the waiting that they end when they
 * are about 1/√h apart: so the next poll is where the time since the last one has grown to that. Before
 * anything is measured siblings share the polls, for the first that finishes tells about the others.
 */
export function pollDelay({ ageMs, runningMs, siblings, leastMs, usual }: Progress): number {
	const most = Math.min((earlySpacing(siblings) - 1) * ageMs, LONGEST_MS);
	const care = usual.measured ? CARE : CARE * Math.sqrt(siblings);
	let delay = leastMs;
	while (delay < most && delay * Math.sqrt(chance(runningMs + delay, usual)) < care) delay *= 1.05;
	return Math.max(leastMs, Math.min(delay, most));
}

/**
 * How far apart the early polls of a request are, as the ratio of its ages: a quick one is to be found
 * soon too. Siblings take turns in it and are polled together every 12 % of their age, so that each of
 * many is polled less often; one alone is polled seldom, for hardly any is that quick.
 */
export function earlySpacing(siblings: number): number {
	return siblings === 1 ? 2.5 : Math.min(6, Math.max(1.75, 1.12 ** siblings));
}

/**
 * The chance that a request finishes in the next ms if it has not yet, by the log-logistic
 * distribution: small long before the usual time, large around it, and slowly smaller again for one
 * that takes much longer.
 */
function chance(runningMs: number, { medianMs, spread }: UsualTime): number {
	const sharpness = Math.PI / (Math.sqrt(3) * spread);
	const reached = Math.min(1e9, (runningMs / medianMs) ** sharpness);
	return (sharpness / runningMs) * (reached / (1 + reached));
}

/**
 * The usual time, from what the finished requests of this execution took.
 *
 * @param measuredMs their times in ms, in any order
 */
export function usualTime(measuredMs: readonly number[]): UsualTime {
	if (measuredMs.length === 0) return UNMEASURED;
	const sorted = [...measuredMs].sort((one, other) => one - other);
	const medianMs = Math.max(1, sorted[Math.floor(sorted.length / 2)] ?? 1);
	const squares = sorted.map((time) => Math.log(Math.max(1, time) / medianMs) ** 2);
	const sum = squares.reduce((total, square) => total + square, SIBLING_SPREAD ** 2);
	return { medianMs, spread: Math.max(0.05, Math.sqrt(sum / measuredMs.length)), measured: true };
}
