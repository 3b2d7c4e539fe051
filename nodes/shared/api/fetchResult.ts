import type { RequestAddress, RunComfyClient } from './client';
import { RunComfyError } from './errors';
import type { CallLimits } from './http';
import { hasNoResult, type RequestReply } from './replies';

/**
 * Fetches the result of a request, or its status while it goes on. RunComfy's clients have seen both an
 * unfinished request and a failed run refused, so the status tells which of the two it is; and since the
 * request may have ended between the two calls, a status that has ended is checked against a second call
 * of `result`.
 *
 * @returns the answer of `result`; or the answer of `status`, in state `unfinished` when the request is
 * said to have ended but its result is not there yet
 * @throws RunComfyError `failed` with RunComfy's message, when a request has ended and its result is
 * refused; otherwise what `result` and `status` reject with
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
