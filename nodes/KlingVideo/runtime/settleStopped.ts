import { cancelRequest } from '../api/cancelRequest';
import type { RequestState } from '../api/replies';
import type { Session } from './session';
import { STOP_GRACE_MS } from './stop';

/** What became of a request when the execution was stopped, as the user reads it. */
const OUTCOMES: Record<RequestState, string> = {
	cancelled: 'It was still queued and is cancelled.',
	queued: 'It is still queued although it was asked to be cancelled; look again with Get Status.',
	running: 'It was already running: it will finish and be charged. Get it with Get Result.',
	completed: 'It had already finished and is charged. Get it with Get Result.',
	failed: 'It had already failed.',
	unknown: 'Where it stands is not known; look again with Get Status.',
};
const LEFT_ALONE = 'It was left alone, as the option says. Get it with Get Result.';
const NOT_TOLD =
	'RunComfy did not say in time whether it could be cancelled. Look again with Get Status.';

/**
 * Cancels what a stopped run has left at RunComfy, all requests at the same time, within the grace
 * that a Stop leaves.
 *
 * @returns what became of each open request, by item index
 */
export async function settleStopped(session: Session): Promise<Map<number, string>> {
	const { client, clock, requests, stop } = session;
	const limits = { deadline: clock.now() + STOP_GRACE_MS, signal: stop.graceSignal };
	const open = [...requests].filter(([, { ended }]) => !ended);
	const outcomes = await Promise.all(
		open.map(async ([itemIndex, { requestId, cancelOnStop }]): Promise<[number, string]> => {
			const outcome = cancelOnStop
				? await cancelRequest(client, requestId, limits).then(
						({ state }) => OUTCOMES[state],
						() => NOT_TOLD,
					)
				: LEFT_ALONE;
			session.log(`stopped. Request ${requestId} of item ${itemIndex}: ${outcome}`);
			return [itemIndex, outcome];
		}),
	);
	return new Map(outcomes);
}
