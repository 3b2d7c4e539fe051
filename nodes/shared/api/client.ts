import { ApiCaller, type ApiCall, type CallParts } from './call';
import { withoutDataUris } from './dataUri';
import { RunComfyError } from './errors';
import type { ApiResponse, CallLimits } from './http';
import {
	isSaying,
	readState,
	requestIdNamed,
	requestIdOf,
	type ReplyBody,
	type RequestReply,
} from './replies';

/** A request may be known a moment after its submit. With the backoff this is 4 to 8 seconds. */
const NOT_FOUND_REPEATS = 4;
const RESULT_AGAIN_MS = 5_000;

/** Where a request is found. Only the client makes a URL of it. */
export interface RequestAddress {
	requestId: string;
}

export interface Submission {
	address: RequestAddress;
	body: ReplyBody;
}

export type FindNamed = NonNullable<ApiCall<Submission>['named']>;

export function modelPath(modelId: string): string {
	return `/v1/models/${modelId.split('/').map(encodeURIComponent).join('/')}`;
}

/** RunComfy's Model API (the model's API page). All but `submit` are retried on passing errors until the deadline. */
export class RunComfyClient {
	readonly #caller: ApiCaller;
	/** Whether `result` refuses requests that go on, so that their status is asked for first. */
	#resultRefuses = false;
	#costRefused = false;

	constructor(private readonly parts: CallParts) {
		this.#caller = new ApiCaller(parts);
	}

	/**
	 * Starts a paid run. Sent again only after a 429, or when it certainly did not leave; the signal ends no POST
	 * under way. Rejects with `outcomeUnknown` when the answer was lost, so that a run may have started.
	 */
	async submit(
		model: string,
		input: Buffer,
		limits: CallLimits,
		named: FindNamed,
	): Promise<Submission> {
		const call: ApiCall<Submission> = {
			method: 'POST',
			path: modelPath(model),
			body: input,
			about: { model },
			timeoutMs: 60_000,
			paid: true,
			read: readSubmission,
			named,
		};
		return await this.#caller.call(call, limits);
	}

	async status(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		return await this.#caller.call(requestCall('GET', address, 'status'), limits);
	}

	/**
	 * The output of a finished request, its status while it goes on. `result` has both (the model's API page), but
	 * RunComfy's clients have seen it refuse a request that goes on as well as a failed run: the status tells which.
	 */
	async result(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		const first = this.#resultRefuses ? undefined : await this.#output(address, limits);
		if (first && first.state !== 'unfinished') return first;

		const status = await this.status(address, limits);
		// An unknown status may be a new one that ends the request.
		const mayHaveEnded = isEnded(status) || (status.state === 'unknown' && !first);
		this.#resultRefuses ||= !isEnded(status);
		if (!mayHaveEnded || status.state === 'cancelled') return status;

		const second = await this.#output(address, limits, isEnded(status));
		if (second.state !== 'unfinished') return second;
		if (status.state === 'unknown') return status;
		const { refusal } = second;
		if (refusal) return { ...status, state: 'failed', refusal };
		return status.state === 'failed' ? status : { ...status, state: 'unfinished' };
	}

	/**
	 * RunComfy cancels only what is still queued, and tells it by `outcome` (its documentation), beside which the
	 * status may be `completed`. A refusal may only mean that it is too late: the status has the last word.
	 */
	async cancel(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		const call = { ...requestCall('POST', address, 'cancel'), mayBeEmpty: true };
		const answer = await this.#mayBeRefused(call, limits);
		if (answer.state === 'cancelled') return answer;
		if (answer.body.outcome === 'cancelled') return { ...answer, state: 'cancelled' };
		return await this.status(address, limits);
	}

	/**
	 * Of a request that has ended, an output that is empty or refused is asked for once more: it may come a moment
	 * after the status, and what is taken for a failed run is paid again by a retry.
	 */
	async #output(
		address: RequestAddress,
		limits: CallLimits,
		hasEnded = false,
	): Promise<RequestReply> {
		const reply = await this.#outputWithCost(address, limits);
		const isEmpty = reply.state === 'completed' && !isSaying(reply.body.output);
		const isRefused = hasEnded && reply.refusal !== undefined;
		if (!isEmpty && !isRefused) return reply;
		await this.parts.clock.sleep(RESULT_AGAIN_MS, limits.signal);
		return await this.#outputWithCost(address, limits);
	}

	/** With the cost, as RunComfy's own client asks for it; without where that is refused. */
	async #outputWithCost(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		const plain = requestCall('GET', address, 'result');
		if (this.#costRefused) return await this.#mayBeRefused(plain, limits);
		const withCost = requestCall('GET', address, 'result?include_cost=true');
		const reply = await this.#mayBeRefused(withCost, limits);
		if (!reply.refusal) return reply;
		const other = await this.#mayBeRefused(plain, limits);
		this.#costRefused = !other.refusal;
		return other;
	}

	async #mayBeRefused(call: ApiCall<RequestReply>, limits: CallLimits): Promise<RequestReply> {
		return await this.#caller.call(call, limits).catch((error: unknown) => {
			if (!(error instanceof RunComfyError) || error.kind !== 'rejected') throw error;
			return { state: 'unfinished' as const, status: '', body: {}, refusal: error.facts };
		});
	}
}

export function isEnded({ state }: RequestReply): boolean {
	return state === 'completed' || state === 'failed' || state === 'cancelled';
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
		notFoundRepeats: NOT_FOUND_REPEATS,
		read: (body) => readState(body, requestId),
	};
}

function readSubmission(body: ReplyBody, response: ApiResponse): Submission {
	const requestId = requestIdOf(body);
	if (requestId !== undefined) return { address: { requestId }, body: withoutDataUris(body) };
	const named = requestIdNamed(response);
	throw new RunComfyError('unavailable', {
		...(named !== undefined && { requestId: named }),
		detail: 'an answer without a request id',
	});
}
