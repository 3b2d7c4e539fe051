import {
	createCall,
	PASSING_FAULTS,
	READ_MEANING,
	type CallParts,
	type CallWatch,
	type Verb,
} from './call';
import { RunComfyError } from './errors';
import type { CallLimits } from './http';
import { modelPath } from './modelPath';
import { readState, requestIdOf, type ReplyBody, type RequestReply } from './replies';

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
	submit(model: string, input: object, limits: CallLimits, watch?: CallWatch): Promise<Submission>;
	/** The status of a request. Retried on passing faults until the deadline, as the next two are. */
	status(requestId: string, limits: CallLimits): Promise<RequestReply>;
	/** The output of a finished request, or its status when it is not finished. */
	result(requestId: string, includeCost: boolean, limits: CallLimits): Promise<RequestReply>;
	/** Asks to cancel; RunComfy cancels only what is still queued. */
	cancel(requestId: string, limits: CallLimits): Promise<RequestReply>;
}

const SUBMIT: Verb<Submission> = {
	method: 'POST',
	about: 'model',
	path: modelPath,
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
		retriedAfter: PASSING_FAULTS,
		read: readState,
		meaning: READ_MEANING,
	};
}

export function createRunComfyClient(parts: CallParts): RunComfyClient {
	const call = createCall(parts);
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
