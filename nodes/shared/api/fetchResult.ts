import type { RunComfyClient } from './client';
import { RunComfyError } from './errors';
import type { CallLimits } from './http';
import type { RequestReply } from './replies';

/**
 * Fetches the result of a request, or its status while it goes on. RunComfy's clients have seen both an
 * unfinished request and a failed run answered with HTTP 400, so after a refusal the status tells which
 * of the two it is; and since the request may have ended between the two calls, a status that has ended
 * is checked against a second call of `result`.
 *
 * @returns the answer of `result`; or the answer of `status`, in state `unfinished` when the request is
 * said to have ended but its result is not there yet
 * @throws RunComfyError `failed` with RunComfy's message, when a request has ended and its result is
 * refused; otherwise what `result` and `status` reject with
 */
export async function fetchResult(
	client: Pick<RunComfyClient, 'status' | 'result'>,
	requestId: string,
	includeCost: boolean,
	limits: CallLimits,
): Promise<RequestReply> {
	const ask = async () =>
		await client.result(requestId, includeCost, limits).catch((error: unknown) => {
			if (error instanceof RunComfyError && error.kind === 'rejected') return error;
			throw error;
		});

	const first = await ask();
	if (isResult(first)) return first;
	const status = await client.status(requestId, limits);
	if (status.state !== 'completed' && status.state !== 'failed') return status;
	const second = await ask();
	if (isResult(second)) return second;
	if (!(second instanceof RunComfyError)) return { ...status, state: 'unfinished' };
	throw new RunComfyError('failed', { ...second.facts, status: status.status });
}

function isResult(answer: RequestReply | RunComfyError): answer is RequestReply {
	return !(answer instanceof RunComfyError) && answer.state !== 'unfinished';
}
