import { ApiCaller, type ApiCall, type CallParts } from './call';
import { RunComfyError } from './errors';
import type { CallLimits } from './http';
import { readState, requestIdOf, type ReplyBody, type RequestReply } from './replies';

/** Where a request is found. Only the client makes a URL of it. */
export interface RequestAddress {
	requestId: string;
}

export interface Submission {
	address: RequestAddress;
	body: ReplyBody;
}

export function modelPath(modelId: string): string {
	return `/v1/models/${modelId.split('/').map(encodeURIComponent).join('/')}`;
}

/** RunComfy's Model API (the model's API page). All but `submit` are retried on passing errors until the deadline. */
export class RunComfyClient {
	readonly #caller: ApiCaller;

	constructor(parts: CallParts) {
		this.#caller = new ApiCaller(parts);
	}

	/**
	 * Starts a paid run. Sent again only after a 429, which says that it was not taken; the signal ends no POST
	 * under way. Rejects with `outcomeUnknown` when the answer was lost, so that a run may have started.
	 */
	async submit(model: string, input: Buffer, limits: CallLimits): Promise<Submission> {
		const call: ApiCall<Submission> = {
			method: 'POST',
			path: modelPath(model),
			body: input,
			about: { model },
			timeoutMs: 60_000,
			paid: true,
			read: readSubmission,
		};
		return await this.#caller.call(call, limits);
	}

	async status(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		return await this.#caller.call(requestCall('GET', address, 'status'), limits);
	}

	/** The output of a finished request, its status when it is not finished, or state `refused`. */
	async result(
		address: RequestAddress,
		includeCost: boolean,
		limits: CallLimits,
	): Promise<RequestReply> {
		const name = includeCost ? 'result?include_cost=true' : 'result';
		return await this.#mayBeRefused(requestCall('GET', address, name), limits);
	}

	/** RunComfy cancels only what is still queued; state `refused` where it says so. */
	async cancel(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		return await this.#mayBeRefused(requestCall('POST', address, 'cancel'), limits);
	}

	async #mayBeRefused(call: ApiCall<RequestReply>, limits: CallLimits): Promise<RequestReply> {
		return await this.#caller.call(call, limits).catch((error: unknown) => {
			if (!(error instanceof RunComfyError) || error.kind !== 'rejected') throw error;
			return { state: 'refused' as const, status: '', body: {}, refusal: error.facts };
		});
	}
}

function requestCall(
	method: 'GET' | 'POST',
	{ requestId }: RequestAddress,
	name: string,
): ApiCall<RequestReply> {
	return {
		method,
		path: `/v1/requests/${encodeURIComponent(requestId)}/${name}`,
		about: { requestId },
		timeoutMs: 30_000,
		read: readState,
	};
}

function readSubmission(body: ReplyBody): Submission {
	const requestId = requestIdOf(body);
	if (requestId !== undefined) return { address: { requestId }, body };
	throw new RunComfyError('unavailable', { detail: 'an answer without a request id' });
}
