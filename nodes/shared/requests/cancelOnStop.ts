import { cancelRequest } from '../api/cancelRequest';
import type { RequestAddress, RunComfyClient } from '../api/client';
import type { Clock } from '../api/http';
import { startTimer } from '../connection/clock';
import { OUTCOME_OF_CANCEL, OUTCOME_WITHOUT_CANCEL } from './requestOutcome';

/** How long the only request of a run may take to be cancelled. */
const GRACE_MS = 30_000;
/** What each further one adds: as far apart as a server that limits calls can make them. */
const GRACE_FOR_EACH_MS = 2_000;

export interface StopOutcome {
	text: string;
	/** Whether it is known to have been cancelled. */
	cancelled: boolean;
}

/** Never rejects. Nobody waits for it: the log tells what came of it. */
export type CancelOnStop = (address: RequestAddress, ofAll: number) => Promise<StopOutcome>;

/**
 * Cancels the requests of a run, at the pace that the server allows.
 *
 * @param client one for all of them, whose rate limit is their queue, and for nothing else: it must not wait
 * for a limit that the run has met
 */
export function createCancelOnStop(client: RunComfyClient, clock: Clock): CancelOnStop {
	return async (address, ofAll) => {
		const graceMs = GRACE_MS + GRACE_FOR_EACH_MS * (ofAll - 1);
		const grace = new AbortController();
		const endTimer = startTimer(clock, graceMs, () =>
			grace.abort(new Error('the grace of the stop is over')),
		);
		const limits = { deadline: clock.now() + graceMs, signal: grace.signal };
		try {
			const { state } = await cancelRequest(client, address, limits);
			return { text: OUTCOME_OF_CANCEL[state], cancelled: state === 'cancelled' };
		} catch {
			return { text: OUTCOME_WITHOUT_CANCEL.noAnswer, cancelled: false };
		} finally {
			endTimer();
		}
	};
}
