import type { RequestAddress, RunComfyClient } from '../api/client';
import { reasonOf, resultOf } from '../api/detail';
import { RunComfyError } from '../api/errors';
import { fetchResult } from '../api/fetchResult';
import type { CallLimits, Clock } from '../api/http';
import { hasNoResult, isSaying, type RequestReply } from '../api/replies';
import { PollLimit, pollPause } from './polling';
import type { RunLog } from './runLog';
import type { RunRequests } from './runRequests';

/** How long to wait and how often to poll. Times in ms. */
export interface WaitingOptions {
	maximumWaitMs: number;
	pollIntervalMs: number;
	includeCost: boolean;
	cancelOnStop: boolean;
}

/** A request that is to be waited for. */
export interface AwaitedRequest {
	itemIndex: number;
	address: RequestAddress;
	/** Whether it was submitted just now, and not by an earlier try or node. */
	fresh: boolean;
	waiting: WaitingOptions;
	/** `deadline` is the end of the wait, which began with the item. */
	limits: CallLimits;
}

/**
 * Waits until a request is completed and fetches its result.
 *
 * Gives the answer of `result`, in state `completed`. Rejects with `failed` or `cancelled` when the
 * request ended so, `timedOut` at the deadline, `stopped` when the run ends, or what `status` and
 * `result` reject with; always with the request id.
 */
export type WaitForCompletion = (request: AwaitedRequest) => Promise<RequestReply>;

export interface WaitParts {
	client: Pick<RunComfyClient, 'status' | 'result'>;
	clock: Clock;
	requests: Pick<RunRequests, 'end'>;
	log: Pick<RunLog, 'debug' | 'info'>;
}

export function createWaitForCompletion(parts: WaitParts): WaitForCompletion {
	const { client, clock, requests, log } = parts;
	const limit = new PollLimit(clock);

	async function pollUntilEnd(request: AwaitedRequest): Promise<RequestReply> {
		const { itemIndex, address, fresh, waiting, limits } = request;
		const { requestId } = address;
		const { pollIntervalMs, maximumWaitMs: waitedMs } = waiting;
		const poll = createPoll(request);
		const startedAt = clock.now();
		let dueAt = fresh ? startedAt + pollIntervalMs : startedAt;
		let seen = '';
		for (;;) {
			await limit.pass(Math.min(dueAt, limits.deadline), limits.signal);
			const polledAt = clock.now();
			const reply = await poll();
			const news = describe(reply);
			if (news !== seen && reply.state !== 'completed') {
				log.debug(`request ${requestId} is ${news}`, itemIndex);
			}
			seen = news;
			if (isEnded(reply)) {
				throwUnlessCompleted(requestId, reply);
				return reply;
			}
			if (clock.now() >= limits.deadline) {
				throw new RunComfyError('timedOut', { requestId, status: reply.status, waitedMs });
			}
			dueAt = polledAt + pollPause(polledAt - startedAt, pollIntervalMs);
		}
	}

	/**
	 * Polls by `result`, which gives the status of a request that goes on (the model's API page): one call
	 * less than status and then result. Where it refuses that instead, as RunComfy's clients have seen,
	 * `status` is polled from then on, and `result` asked once it may be there.
	 */
	function createPoll({ address, waiting, limits }: AwaitedRequest): () => Promise<RequestReply> {
		let refusesEarly = false;
		let unknown = 0;
		return async () => {
			if (!refusesEarly) {
				const reply = await client.result(address, waiting.includeCost, limits);
				if (!hasNoResult(reply)) return reply;
				refusesEarly = true;
			}
			const status = await client.status(address, limits);
			const { state } = status;
			const mayHaveEnded =
				state === 'completed' ||
				state === 'failed' ||
				// An unknown status may be a new one that ends the request.
				(state === 'unknown' && isPowerOfTwo(++unknown));
			if (!mayHaveEnded) return status;
			return await fetchResult(client, address, waiting.includeCost, limits);
		};
	}

	return async (request) => {
		const { itemIndex, address } = request;
		const { requestId } = address;
		const reply = await pollUntilEnd(request).catch((error: unknown) => {
			if (!(error instanceof RunComfyError)) throw error;
			if (error.kind === 'failed' || error.kind === 'cancelled') requests.end(requestId, 'failed');
			throw error.with({ requestId });
		});
		requests.end(requestId, 'completed');
		log.info(`request ${requestId} is completed`, itemIndex);
		return reply;
	};
}

function isPowerOfTwo(count: number): boolean {
	return (count & (count - 1)) === 0;
}

/**
 * Turns any end of a request but a completed one into its error.
 *
 * @throws RunComfyError `cancelled`, or `failed` with RunComfy's own message
 */
export function throwUnlessCompleted(requestId: string, reply: RequestReply): void {
	if (reply.state === 'completed') return;
	throw new RunComfyError(reply.state === 'cancelled' ? 'cancelled' : 'failed', {
		requestId,
		status: reply.status,
		...reasonOf(reply.body),
		...(isSaying(reply.body.output) && resultOf(reply.body)),
	});
}

/** True when a request has ended, well or badly, so that no further poll can change the answer. */
export function isEnded({ state }: RequestReply): boolean {
	return state === 'completed' || state === 'failed' || state === 'cancelled';
}

function describe({ state, status, queuePosition }: RequestReply): string {
	const place = queuePosition === undefined ? '' : ` at ${queuePosition}`;
	const unknown = state === 'unknown' ? ', a status not known here' : '';
	return `${status || '(no status)'}${place}${unknown}`;
}
