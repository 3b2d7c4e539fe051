import { ApiCaller, type ApiCall, type CallParts } from './call';
import { withoutDataUris } from './dataUri';
import { RunComfyError, type ErrorFacts } from './errors';
import { MODEL_API, type ApiRoutes, type RequestAddress } from './routes';
import type { ApiResponse, CallLimits } from './http';
import {
	isSaying,
	outputOf,
	readState,
	requestIdNamed,
	requestIdOf,
	type ReplyBody,
	type RequestReply,
} from './replies';

/** A request may be known a moment after its submit. With the backoff this is 4 to 8 seconds. */
const NOT_FOUND_REPEATS = 4;
const RESULT_AGAIN_MS = 5_000;
const CANCEL_POLL_MS = 1_000;

export interface Submission {
	address: RequestAddress;
	body: ReplyBody;
}

export type FindNamed = NonNullable<ApiCall<Submission>['named']>;

/** One of RunComfy's APIs. All but `submit` are retried on passing errors until the deadline. */
export class RunComfyClient {
	readonly #caller: ApiCaller;
	/** Whether `result` refuses requests that go on, so that their status is asked for first. */
	#resultRefuses = false;
	#costRefused = false;

	constructor(
		private readonly parts: CallParts,
		private readonly routes: ApiRoutes = MODEL_API,
	) {
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
			path: this.routes.submit(model),
			body: input,
			about: this.about(model),
			timeoutMs: 60_000,
			paid: true,
			read: (body, response) => this.#readSubmission(model, body, response),
			named,
		};
		return await this.#caller.call(call, limits);
	}

	async status(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		return await this.#caller.call(this.#requestCall('GET', address, 'status'), limits);
	}

	/** What errors say of a submit to a model or a deployment. */
	about(target: string): Pick<ErrorFacts, 'model' | 'deploymentId'> {
		const { deploymentId } = this.addressOf(target, '');
		return { model: target, ...(deploymentId !== undefined && { deploymentId }) };
	}

	/** Where a request is found that was made for a model or a deployment. */
	addressOf(target: string, requestId: string): RequestAddress {
		return this.routes.address(target, requestId);
	}

	/**
	 * The output of a finished request, its status while it goes on. `result` has both (the model's API page), but
	 * RunComfy's clients have seen it refuse a request that goes on as well as a failed run: the status tells which,
	 * and whether a request without a result is known at all.
	 */
	async result(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		const first = this.#resultRefuses
			? undefined
			: await this.#output(address, limits).catch((error: unknown): RequestReply => {
					if (!(error instanceof RunComfyError) || error.kind !== 'notFound') throw error;
					return { state: 'unfinished', status: '', body: {} };
				});
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
	 * A refusal may only mean that it is too late: the status has the last word. Where a running request can be
	 * cancelled, its end is waited for until the deadline, whatever words the cancel is accepted in; state `cancelling`
	 * when it has not come by then.
	 */
	async cancel(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		const call = { ...this.#requestCall('POST', address, 'cancel'), mayBeEmpty: true };
		const answer = await this.#mayBeRefused(call, limits);
		const isAccepted = this.routes.cancelsRunning
			? !answer.refusal && ![answer.status, answer.body.outcome].includes('not_cancellable')
			: answer.state === 'cancelled' || answer.state === 'cancelling';
		if (!isAccepted) return await this.status(address, limits);
		if (!this.routes.cancelsRunning) return { ...answer, state: 'cancelled' };
		for (;;) {
			const reply = await this.result(address, limits);
			// A run that was cancelled can be called completed, but has no output.
			const isEmpty = reply.state === 'completed' && !isSaying(outputOf(reply.body));
			if (isEnded(reply)) return isEmpty ? { ...reply, state: 'cancelled' } : reply;
			const { clock } = this.parts;
			if (clock.now() + CANCEL_POLL_MS >= limits.deadline) return { ...reply, state: 'cancelling' };
			await clock.sleep(CANCEL_POLL_MS, limits.signal);
		}
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
		const isEmpty = reply.state === 'completed' && !isSaying(outputOf(reply.body));
		const isRefused = hasEnded && reply.refusal !== undefined;
		if (!isEmpty && !isRefused) return reply;
		await this.parts.clock.sleep(RESULT_AGAIN_MS, limits.signal);
		return await this.#outputWithCost(address, limits);
	}

	/** With the cost, as RunComfy's own client asks for it; without where that is refused. */
	async #outputWithCost(address: RequestAddress, limits: CallLimits): Promise<RequestReply> {
		const plain = this.#requestCall('GET', address, 'result');
		if (this.#costRefused || !this.routes.tellsCost) return await this.#mayBeRefused(plain, limits);
		const withCost = this.#requestCall('GET', address, 'result?include_cost=true');
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

	#requestCall(
		method: 'GET' | 'POST',
		address: RequestAddress,
		name: string,
	): ApiCall<RequestReply> {
		const { requestId } = address;
		return {
			method,
			path: `${this.routes.request(address)}/${name}`,
			about: address,
			timeoutMs: 30_000,
			notFoundRepeats: NOT_FOUND_REPEATS,
			read: (body) => readState(body, requestId),
		};
	}

	#readSubmission(target: string, body: ReplyBody, response: ApiResponse): Submission {
		const requestId = requestIdOf(body);
		if (requestId !== undefined) {
			return { address: this.addressOf(target, requestId), body: withoutDataUris(body) };
		}
		const named = requestIdNamed(response);
		throw new RunComfyError('unavailable', {
			...(named !== undefined && { requestId: named }),
			detail: 'an answer without a request id',
		});
	}
}

export function isEnded({ state }: RequestReply): boolean {
	return state === 'completed' || state === 'failed' || state === 'cancelled';
}
