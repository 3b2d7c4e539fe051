import { cancelRequest } from '../api/cancelRequest';
import type { RunComfyClient } from '../api/client';
import type { CallLimits } from '../api/http';
import type { OpenRequests } from './openRequests';
import { LEFT_ALONE, NOT_TOLD, OUTCOME_OF_CANCEL } from './requestOutcome';

/**
 * Cancels what a stopped run has left at RunComfy, all requests at the same time.
 *
 * @param limits the grace that a Stop leaves
 * @param log told what became of each request
 * @returns what became of each open request, by item index
 */
export async function settleStopped(
	client: RunComfyClient,
	requests: OpenRequests,
	limits: CallLimits,
	log: (message: string) => void,
): Promise<Map<number, string>> {
	const outcomes = await Promise.all(
		requests
			.open()
			.map(async ([itemIndex, { requestId, cancelOnStop }]): Promise<[number, string]> => {
				const outcome = cancelOnStop
					? await cancelRequest(client, requestId, limits).then(
							({ state }) => OUTCOME_OF_CANCEL[state],
							() => NOT_TOLD,
						)
					: LEFT_ALONE;
				log(`stopped. Request ${requestId} of item ${itemIndex}: ${outcome}`);
				return [itemIndex, outcome];
			}),
	);
	return new Map(outcomes);
}
