import { cancelRequest } from '../api/cancelRequest';
import type { RequestAddress, RunComfyClient } from '../api/client';
import type { Clock } from '../api/http';
import { startTimer } from '../connection/timer';
import { OUTCOME_OF_CANCEL, OUTCOME_WITHOUT_CANCEL } from './requestOutcome';

const STOP_GRACE_MS = 5_000;

export interface StopOutcome {
	text: string;
	/** Whether it is known to have been cancelled. */
	cancelled: boolean;
}

/** Never rejects. The client is one whose calls wait for no rate limit that the run has met: there is no later. */
export async function cancelOnStop(
	client: RunComfyClient,
	clock: Clock,
	address: RequestAddress,
): Promise<StopOutcome> {
	const grace = new AbortController();
	const endTimer = startTimer(clock, STOP_GRACE_MS, () =>
		grace.abort(new Error('the grace of the stop is over')),
	);
	const limits = { deadline: clock.now() + STOP_GRACE_MS, signal: grace.signal };
	try {
		const { state } = await cancelRequest(client, address, limits);
		return { text: OUTCOME_OF_CANCEL[state], cancelled: state === 'cancelled' };
	} catch {
		return { text: OUTCOME_WITHOUT_CANCEL.noAnswer, cancelled: false };
	} finally {
		endTimer();
	}
}
