import { isEnded, type RunComfyClient } from '../api/client';
import type { RequestAddress } from '../api/routes';
import { costOf, reasonOf, resultOf } from '../api/detail';
import { RunComfyError } from '../api/errors';
import type { CallLimits, Clock } from '../api/http';
import { isSaying, outputOf, type RequestReply } from '../api/replies';
import type { RunLog } from './runLog';
import type { RunRequests } from './runRequests';

const SHARE_OF_AGE = 0.035;
const LONGEST_PAUSE_MS = 10_000;

const MOST_POLLS = 100;
const PERIOD_MS = 2_000;

export interface WaitingOptions {
	maximumWaitMs: number;
	pollIntervalMs: number;
	cancelOnStop: boolean;
}

export interface AwaitedRequest {
	itemIndex: number;
	address: RequestAddress;
	/** Whether it was submitted just now, and not by an earlier try or node. */
	fresh: boolean;
	waiting: WaitingOptions;
	limits: CallLimits;
}

export interface WaitingRun {
	client: Pick<RunComfyClient, 'result'>;
	clock: Clock;
	requests: Pick<RunRequests, 'end'>;
	pollLimit: PollLimit;
	log: Pick<RunLog, 'debug' | 'info'>;
}

/**
 * Polls a request until it is completed, and gives its result. Rejects with `failed`, `cancelled`, `timedOut` at the
 * deadline, `stopped` when the run ends, or as `RunComfyClient.result` does; always with the request id.
 */
export async function waitForCompletion(
	run: WaitingRun,
	request: AwaitedRequest,
): Promise<RequestReply> {
	const { address } = request;
	const { requestId } = address;
	const reply = await pollUntilEnd(run, request).catch((error: unknown) => {
		throw error instanceof RunComfyError ? error.with(address) : error;
	});
	run.requests.end(requestId, reply.state === 'completed' ? 'completed' : 'failed');
	throwUnlessCompleted(address, reply);
	run.log.info(`request ${requestId} is completed`, request.itemIndex);
	return reply;
}

async function pollUntilEnd(
	{ client, clock, pollLimit, log }: WaitingRun,
	{ itemIndex, address, fresh, waiting, limits }: AwaitedRequest,
): Promise<RequestReply> {
	const { pollIntervalMs, maximumWaitMs: waitedMs } = waiting;
	const startedAt = clock.now();
	let dueAt = fresh ? startedAt + pollIntervalMs : startedAt;
	let seen = '';
	for (;;) {
		await pollLimit.pass(Math.min(dueAt, limits.deadline), limits.signal);
		const polledAt = clock.now();
		const reply = await client.result(address, limits);
		if (isEnded(reply)) return reply;

		const news = describe(reply);
		if (news !== seen) log.debug(`request ${address.requestId} is ${news}`, itemIndex);
		seen = news;
		if (clock.now() >= limits.deadline) {
			throw new RunComfyError('timedOut', { status: reply.status, waitedMs });
		}
		dueAt = polledAt + pollPause(polledAt - startedAt, pollIntervalMs);
	}
}

/**
 * How long after a poll a request is polled again, in ms: the user's Poll Interval and 3.5 % of the
 * request's age, up to 10 s, or the Poll Interval if that is longer.
 */
export function pollPause(ageMs: number, pollIntervalMs: number): number {
	const pauseMs = pollIntervalMs + SHARE_OF_AGE * ageMs;
	return Math.max(pollIntervalMs, Math.min(pauseMs, LONGEST_PAUSE_MS));
}

/** Keeps all requests of a run together to at most 100 polls in any two seconds. */
export class PollLimit {
	private readonly turns: number[] = [];

	constructor(private readonly clock: Clock) {}

	/** Resolves when a poll that is due at `dueAt` (by the clock) may be sent; rejects with the signal's reason. */
	async pass(dueAt: number, signal?: AbortSignal): Promise<void> {
		const { turns } = this;
		await this.sleepUntil(dueAt, signal);
		const freeAt = (turns.at(-MOST_POLLS) ?? Number.NEGATIVE_INFINITY) + PERIOD_MS;
		const turn = Math.max(this.clock.now(), freeAt);
		turns.push(turn);
		if (turns.length > MOST_POLLS) turns.shift();
		await this.sleepUntil(turn, signal);
	}

	private async sleepUntil(time: number, signal?: AbortSignal): Promise<void> {
		const ms = time - this.clock.now();
		if (ms > 0) await this.clock.sleep(ms, signal);
	}
}

export function throwUnlessCompleted(address: RequestAddress, reply: RequestReply): void {
	const { state, status, body, refusal } = reply;
	if (state === 'completed') return;
	throw new RunComfyError(state === 'cancelled' ? 'cancelled' : 'failed', {
		...address,
		status,
		...reasonOf(body),
		...costOf(body),
		...(isSaying(outputOf(body)) && resultOf(body)),
		...refusal,
	});
}

function describe({ state, status }: RequestReply): string {
	const unknown = state === 'unknown' ? ', a status not known here' : '';
	return `${status || '(no status)'}${unknown}`;
}
