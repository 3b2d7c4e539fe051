import type { RunComfyClient } from './client';
import { RunComfyError } from './errors';
import type { CallLimits } from './http';
import type { RequestReply, RequestState } from './replies';

/** What became of a request after a cancel: where it stands, and RunComfy's last answer. */
export interface Cancellation {
	state: RequestState;
	reply: RequestReply;
}

/**
 * Asks to cancel and finds out what came of it. RunComfy cancels only what is still queued; its
 * `outcome` (`cancelled` or `not_cancellable`) is seen in its own clients but not documented, so
 * the status has the last word.
 *
 * @throws RunComfyError when neither the cancel nor the status could be read within the limits
 */
export async function cancelRequest(
	client: RunComfyClient,
	requestId: string,
	limits: CallLimits,
): Promise<Cancellation> {
	const answer = await client.cancel(requestId, limits).catch(async (error: unknown) => {
		// A refusal may only mean that it is too late: the status tells.
		if (error instanceof RunComfyError && error.kind === 'rejected') return undefined;
		return await Promise.reject(error);
	});
	if (answer && (answer.state === 'cancelled' || answer.body.outcome === 'cancelled')) {
		return { state: 'cancelled', reply: answer };
	}
	const reply = await client.status(requestId, limits);
	return { state: reply.state, reply };
}
