import type { RequestAddress, RunComfyClient } from './client';
import type { CallLimits } from './http';
import type { RequestReply } from './replies';

/**
 * Cancels a request. What was cancelled is told by `outcome` (RunComfy's documentation), beside which the status may be
 * `completed`. A refusal may only mean that it is too late, so the status has the last word.
 */
export async function cancelRequest(
	client: RunComfyClient,
	address: RequestAddress,
	limits: CallLimits,
): Promise<RequestReply> {
	const answer = await client.cancel(address, limits);
	if (answer.state === 'cancelled') return answer;
	if (answer.body.outcome === 'cancelled') return { ...answer, state: 'cancelled' };
	return await client.status(address, limits);
}
