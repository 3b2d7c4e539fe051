import type { RunComfyClient } from './client';
import { RunComfyError } from './errors';
import type { CallLimits } from './http';
import type { RequestReply } from './replies';

/**
 * Asks to cancel and finds out what came of it. RunComfy cancels only what is still queued; its
 * `outcome` (`cancelled` or `not_cancellable`) is seen in its own clients but not documented, so
 * the status has the last word.
 *
 * @returns RunComfy's last answer about the request
 * @throws RunComfyError when neither the cancel nor the status could be read within the limits
 */
export async function cancelRequest(
	client: RunComfyClient,
	requestId: string,
	limits: CallLimits,
): Promise<RequestReply> {
	const answer = await client.cancel(requestId, limits).catch((error: unknown) => {
		// A refusal may only mean that it is too late: the status tells.
		if (error instanceof RunComfyError && error.kind === 'rejected') return undefined;
		throw error;
	});
	if (answer?.state === 'cancelled') return answer;
	if (answer?.body.outcome === 'cancelled') return { ...answer, state: 'cancelled' };
	return await client.status(requestId, limits);
}
