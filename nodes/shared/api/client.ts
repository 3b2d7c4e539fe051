import { RunComfyError, type ErrorKind } from './errors';
import type { CallLimits, Clock, Send } from './http';
import { networkCode, neverSent } from './network';
import { createRateLimit } from './rateLimit';
import { readReply, readState, requestIdOf, type ReplyBody, type RequestReply } from './replies';
import { createRetry } from './retry';

/** What a last call at the deadline is given to be answered, in ms. */
const LAST_CALL_MS = 5_000;

/** The answer to a paid POST. */
export interface Submission {
	requestId: string;
	body: ReplyBody;
}

/**
 * The four verbs of RunComfy's Model API (the model's API page). All reject with a `RunComfyError`,
 * which carries the request id from the moment there is one.
 */
export interface RunComfyClient {
	/**
	 * Starts a paid run. Sent again only after a 429, which says that it was not taken. The signal ends
	 * the waiting for that, and not a POST under way: its answer is worth money.
	 *
	 * Rejects with `stopped` when it was not sent because the signal came first; with `outcomeUnknown`
	 * when the answer was lost, so that a run may have started; with `notSent` when the call never left;
	 * otherwise with RunComfy's refusal.
	 */
	submit(
		model: string,
		input: object,
		limits: CallLimits,
		watch?: SubmitWatch,
	): Promise<Submission>;
	/** The status of a request. Retried on passing faults until the deadline, as the next two are. */
	status(requestId: string, limits: CallLimits): Promise<RequestReply>;
	/** The output of a finished request, or its status when it is not finished. */
	result(requestId: string, includeCost: boolean, limits: CallLimits): Promise<RequestReply>;
	/** Asks to cancel; RunComfy cancels only what is still queued. */
	cancel(requestId: string, limits: CallLimits): Promise<RequestReply>;
}

/** Is told how a submit fares before it is answered. */
export interface SubmitWatch {
	/** A POST leaves. */
	sent(): void;
	/** It met a 429, and will be sent again. */
	throttled(): void;
}

export interface ClientParts {
	send: Send;
	clock: Clock;
	/** Gives a number from 0 up to 1, for jitter. */
	random: () => number;
}

/** One verb of the API. */
interface Verb<Answer> {
	method: 'GET' | 'POST';
	/** What `id` names, and what an error says that it was about. */
	about: 'model' | 'requestId';
	path(id: string): string;
	timeoutMs: number;
	/** Whether the signal and the deadline end a call under way. */
	interruptible: boolean;
	/** After which errors the call may be sent again. */
	retriedAfter: readonly ErrorKind[];
	read(body: ReplyBody): Answer;
	/** What an error of one attempt means for the caller. */
	meaning(kind: ErrorKind): ErrorKind;
}

const SUBMIT: Verb<Submission> = {
	method: 'POST',
	about: 'model',
	path: (model) => `/v1/models/${model.split('/').map(encodeURIComponent).join('/')}`,
	timeoutMs: 60_000,
	interruptible: false,
	retriedAfter: ['throttled'],
	read: readSubmission,
	// What is no clear refusal leaves open whether a paid run has started.
	meaning: (kind) => (kind === 'unavailable' ? 'outcomeUnknown' : kind),
};

const STATUS = requestVerb('GET', 'status');
const RESULT = requestVerb('GET', 'result');
const RESULT_WITH_COST = requestVerb('GET', 'result?include_cost=true');
const CANCEL = requestVerb('POST', 'cancel');

function requestVerb(method: Verb<unknown>['method'], name: string): Verb<RequestReply> {
	return {
		method,
		about: 'requestId',
		path: (requestId) => `/v1/requests/${encodeURIComponent(requestId)}/${name}`,
		timeoutMs: 30_000,
		interruptible: true,
		retriedAfter: ['unavailable', 'throttled', 'intercepted'],
		read: readState,
		// To ask again does no harm, so it does not matter whether the call has left.
		meaning: (kind) => (kind === 'notSent' ? 'unavailable' : kind),
	};
}

export function createRunComfyClient({ send, clock, random }: ClientParts): RunComfyClient {
	const retry = createRetry(clock, createRateLimit(clock, random), random);

	async function call<Answer>(
		verb: Verb<Answer>,
		id: string,
		limits: CallLimits,
		{ body, watch }: { body?: object; watch?: SubmitWatch } = {},
	): Promise<Answer> {
		const attempt = async () => {
			const leftMs = Math.max(LAST_CALL_MS, limits.deadline - clock.now());
			try {
				watch?.sent();
				const response = await send({
					method: verb.method,
					path: verb.path(id),
					body,
					timeoutMs: verb.interruptible ? Math.min(verb.timeoutMs, leftMs) : verb.timeoutMs,
					signal: verb.interruptible ? limits.signal : undefined,
				});
				return verb.read(readReply(response, clock.now()));
			} catch (error) {
				if (isThrottled(error)) watch?.throttled();
				throw asCallError(error, verb.meaning);
			}
		};
		return await retry(attempt, verb.retriedAfter, limits).catch((error: unknown) => {
			if (!(error instanceof RunComfyError)) throw error;
			// The id that was asked about, whatever id the error body names.
			throw new RunComfyError(error.kind, { ...error.facts, [verb.about]: id });
		});
	}

	return {
		submit: async (model, input, limits, watch) =>
			await call(SUBMIT, model, limits, { body: input, watch }),
		status: async (requestId, limits) => await call(STATUS, requestId, limits),
		result: async (requestId, includeCost, limits) =>
			await call(includeCost ? RESULT_WITH_COST : RESULT, requestId, limits),
		cancel: async (requestId, limits) => await call(CANCEL, requestId, limits),
	};
}

function readSubmission(body: ReplyBody): Submission {
	const requestId = requestIdOf(body);
	if (requestId !== undefined) return { requestId, body };
	throw new RunComfyError('unavailable', { detail: 'an answer without a request id' });
}

function isThrottled(error: unknown): boolean {
	return error instanceof RunComfyError && error.kind === 'throttled';
}

function asCallError(error: unknown, meaning: Verb<unknown>['meaning']): RunComfyError {
	if (error instanceof RunComfyError) return new RunComfyError(meaning(error.kind), error.facts);
	const kind = neverSent(error) ? 'notSent' : 'unavailable';
	return new RunComfyError(meaning(kind), { detail: networkCode(error) });
}
