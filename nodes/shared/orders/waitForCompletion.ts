import type { RunComfyClient } from '../api/client';
import { detailOf } from '../api/detail';
import { RunComfyError } from '../api/errors';
import type { Clock } from '../api/http';
import type { RequestReply } from '../api/replies';
import type { OpenRequests } from './openRequests';
import type { PollSchedule } from './pollSchedule';
import type { RunLog } from './runLog';
import type { Stop } from './stop';

/** How long to wait and how often to poll. Times in ms. */
export interface WaitingOptions {
	maximumWaitMs: number;
	leastPollMs: number;
	includeCost: boolean;
	cancelOnStop: boolean;
}

/** A request that is to be waited for. */
export interface AwaitedRequest {
	itemIndex: number;
	requestId: string;
	/** Whether it was submitted just now, and not by an earlier try or node. */
	fresh: boolean;
	waiting: WaitingOptions;
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
	schedule: PollSchedule;
	requests: OpenRequests;
	stop: Pick<Stop, 'signal'>;
	log: RunLog;
}

export function createWaitForCompletion(parts: WaitParts): WaitForCompletion {
	const { client, clock, schedule, requests, stop, log } = parts;

	async function poll({ requestId, fresh, waiting }: AwaitedRequest): Promise<RequestReply> {
		const { signal } = stop;
		const startedAt = clock.now();
		const limits = { deadline: startedAt + waiting.maximumWaitMs, signal };
		const polls = schedule.follow(waiting.leastPollMs, fresh);
		let seen = '';

		await polls.first(signal);
		for (;;) {
			const reply = await client.status(requestId, limits);
			const news = describe(reply);
			if (news !== seen) log.debug(`request ${requestId} is ${news}`);
			seen = news;
			if (reply.state === 'cancelled') throwUnlessCompleted(requestId, reply);
			if (isEnded(reply)) {
				const result = await client.result(requestId, waiting.includeCost, limits);
				if (isEnded(result)) {
					throwUnlessCompleted(requestId, result);
					polls.completed();
					return result;
				}
			}
			if (clock.now() >= limits.deadline) {
				const waitedMs = clock.now() - startedAt;
				throw new RunComfyError('timedOut', { requestId, status: reply.status, waitedMs });
			}
			await polls.next(reply.state === 'queued', limits.deadline, signal);
		}
	}

	return async (request) => {
		const { itemIndex, requestId, waiting } = request;
		requests.add(itemIndex, { requestId, cancelOnStop: waiting.cancelOnStop });
		const reply = await poll(request).catch((error: unknown) => {
			if (!(error instanceof RunComfyError)) throw error;
			if (error.kind === 'failed' || error.kind === 'cancelled') requests.end(itemIndex);
			throw error.with({ requestId });
		});
		requests.end(itemIndex);
		log.info(`request ${requestId} of item ${itemIndex} is completed`);
		return reply;
	};
}

/**
 * Turns any end of a request but a completed one into its error.
 *
 * @throws RunComfyError `cancelled`, or `failed` with RunComfy's own words
 */
export function throwUnlessCompleted(requestId: string, reply: RequestReply): void {
	if (reply.state === 'completed') return;
	throw new RunComfyError(reply.state === 'cancelled' ? 'cancelled' : 'failed', {
		requestId,
		status: reply.status,
		...detailOf(reply.body),
	});
}

/** True when a request has ended, well or badly, so that no further poll can change the answer. */
export function isEnded({ state }: RequestReply): boolean {
	return state === 'completed' || state === 'failed' || state === 'cancelled';
}

function describe({ state, status, queuePosition }: RequestReply): string {
	const place = queuePosition === undefined ? '' : ` at ${queuePosition}`;
	const unknown = state === 'unknown' ? ', a status not known here: waiting on' : '';
	return `${status || '(no status)'}${place}${unknown}`;
}
