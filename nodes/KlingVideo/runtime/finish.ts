import type { INodeExecutionData } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { waitForCompletion } from '../api/waitForCompletion';
import { deliver, type DeliveryOptions } from './deliver';
import type { WaitingOptions } from './readOptions';
import type { Session } from './session';

/** A request that is to be waited for and delivered. */
export interface OpenRequest {
	itemIndex: number;
	requestId: string;
	/** Whether it was submitted just now, and not by an earlier try or node. */
	fresh?: boolean;
	model?: string;
	waiting: WaitingOptions;
	delivery: DeliveryOptions;
}

/**
 * Waits for a request and delivers its files.
 *
 * @throws RunComfyError as `waitForCompletion` and `deliver`, always with the request id
 */
export async function finish(
	session: Session,
	request: OpenRequest,
): Promise<INodeExecutionData[]> {
	const { client, clock, stop, requests } = session;
	const { itemIndex, requestId, waiting } = request;
	requests.set(itemIndex, { requestId, ended: false, cancelOnStop: waiting.cancelOnStop });
	try {
		const reply = await waitForCompletion(client, clock, requestId, {
			follower: session.pace.follow(waiting.leastPollMs, request.fresh === true),
			includeCost: waiting.includeCost,
			limits: { deadline: clock.now() + waiting.maximumWaitMs, signal: stop.signal },
			onChange: ({ state, status, queuePosition }) => {
				const place = queuePosition === undefined ? '' : ` at ${queuePosition}`;
				const unknown = state === 'unknown' ? ', a status not known here: waiting on' : '';
				session.trace(`request ${requestId} is ${status || '(no status)'}${place}${unknown}`);
			},
		});
		markEnded(session, itemIndex);
		session.log(`request ${requestId} of item ${itemIndex} is completed`);
		return await deliver(session, {
			itemIndex,
			requestId,
			reply,
			model: request.model,
			options: request.delivery,
		});
	} catch (error) {
		if (!(error instanceof RunComfyError)) return await Promise.reject(error);
		if (error.kind === 'failed' || error.kind === 'cancelled') markEnded(session, itemIndex);
		return await Promise.reject(error.with({ requestId }));
	}
}

/** Notes that a request needs no cancel any more. */
function markEnded({ requests }: Session, itemIndex: number): void {
	const request = requests.get(itemIndex);
	if (request) request.ended = true;
}
