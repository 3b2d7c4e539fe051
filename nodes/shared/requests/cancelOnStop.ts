import { cancelRequest } from '../api/cancelRequest';
import type { RequestAddress, RunComfyClient } from '../api/client';
import type { Clock } from '../api/http';
import { OUTCOME_OF_CANCEL, OUTCOME_WITHOUT_CANCEL } from './requestOutcome';

/** How long a cancel after a Stop may take, in ms. */
const STOP_GRACE_MS = 5_000;

/** What became of a request that a stopped execution has left. */
export interface StopOutcome {
	/** As a sentence for the user. */
	text: string;
	/** Whether it is known to have been cancelled. */
	cancelled: boolean;
}

/**
 * Cancels a request that a stopped execution has left at RunComfy. Never rejects.
 *
 * @param client one whose calls wait for no rate limit that the run has met: there is no later
 */
export async function cancelOnStop(
	client: RunComfyClient,
	clock: Clock,
	address: RequestAddress,
): Promise<StopOutcome> {
	const answered = new AbortController();
	const grace = new AbortController();
	clock.sleep(STOP_GRACE_MS, answered.signal).then(
		() => grace.abort(new Error('the grace of the stop is over')),
		() => undefined,
	);
	const limits = { deadline: clock.now() + STOP_GRACE_MS, signal: grace.signal };
	return await cancelRequest(client, address, limits)
		.then(
			({ state }) => ({ text: OUTCOME_OF_CANCEL[state], cancelled: state === 'cancelled' }),
			() => ({ text: OUTCOME_WITHOUT_CANCEL.noAnswer, cancelled: false }),
		)
		.finally(() => answered.abort('answered'));
}
