import type { RequestAddress, RunComfyClient } from './client';
import { RunComfyError } from './errors';
import type { CallLimits } from './http';
import { hasNoResult, type RequestReply } from './replies';

/**
 * Fetches the result of a request, or its status while it goes on. RunComfy's clients have seen both an
 * unfinished request and a failed run refused: the status tells which of the two it is. As the request may
 * have ended in between, a status that has ended is checked against a second call of `result`; when that has
 * none yet, the state is `unfinished`.
 *
 * @throws RunComfyError `failed` when a request has ended and its result is refused
 */
export async function fetchResult(
	client: Pick<RunComfyClient, 'status' | 'result'>,
	address: RequestAddress,
	includeCost: boolean,
	limits: CallLimits,
): Promise<RequestReply> {
	const first = await client.result(address, includeCost, limits);
	if (!hasNoResult(first)) return first;
	const status = await client.status(address, limits);
	if (status.state !== 'completed' && status.state !== 'failed') return status;
	const second = await client.result(address, includeCost, limits);
	if (second.state === 'unfinished') return { ...status, state: 'unfinished' };
	if (second.state !== 'refused') return second;
	throw new RunComfyError('failed', { ...second.refusal, status: status.status });
}
