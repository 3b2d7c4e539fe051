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

/** A request may be known a moment after its submit: with the backoff, its 404 is believed after 4 to 8 seconds. */
const NOT_FOUND_REPEATS = 4;
const EMPTY_AGAIN_MS = 2_000;

/** Where a request is found. Only the client makes a URL of it. */
export interface RequestAddress {
	requestId: string;
}

export interface Submission {
	address: RequestAddress;
	body: ReplyBody;
}

/** Told of the request that the error of a submit names; gives its submission when it was made by that submit. */
export type SubmitNamed = NonNullable<ApiCall<Submission>['named']>;

export function modelPath(modelId: string): string {
	return `/v1/models/${modelId.split('/').map(encodeURIComponent).join('/')}`;
}

/** RunComfy's Model API (the model's API page). All but `submit` are retried on passing errors until the deadline. */
export class RunComfyClient {
	readonly #caller: ApiCaller;

	constructor(private readonly parts: CallParts) {
		this.#caller = new ApiCaller(parts);
	}

	/**
	 * Starts a paid run. Sent again only after a 429, which says that it was not taken; the signal ends no POST
	 * under way. Rejects with `outcomeUnknown` when the answer was lost, so that a run may have started.
	 *
	 * @param named told of the request that an error names; gives its submission when it was made by this call
	 */
	async submit(
		model: string,
		input: Buffer,
		limits: CallLimits,
		named?: SubmitNamed,
	): Promise<Submission> {
		const call: ApiCall<Submission> = {
			method: 'POST',
			path: modelPath(model),
			body: input,
			about: { model },
			timeoutMs: 60_000,
			paid: true,
			read: readSubmission,
			...(named && { named }),
		};
		return await this.#caller.call(call, limits);
	}

	async status(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		return await this.#caller.call(requestCall('GET', address, 'status'), limits);
	}

	/**
	 * The output of a finished request, its status when it is not finished, or state `refused`. An empty output is
	 * asked for once more: it may come a moment after the status.
	 */
	async result(
		address: RequestAddress,
		includeCost: boolean,
		limits: CallLimits,
	): Promise<RequestReply> {
		const name = includeCost ? 'result?include_cost=true' : 'result';
		const call = requestCall('GET', address, name);
		const reply = await this.#mayBeRefused(call, limits);
		if (reply.state !== 'completed' || isSaying(reply.body.output)) return reply;
		await this.parts.clock.sleep(EMPTY_AGAIN_MS, limits.signal);
		return await this.#mayBeRefused(call, limits);
	}

	/** RunComfy cancels only what is still queued; state `refused` where it says so, `unknown` where it says nothing. */
	async cancel(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		const call = { ...requestCall('POST', address, 'cancel'), mayBeEmpty: true };
		return await this.#mayBeRefused(call, limits);
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
