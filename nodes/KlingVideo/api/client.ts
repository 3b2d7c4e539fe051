import { RunComfyError } from './errors';
import type { ApiRequest, CallLimits, Clock, Send } from './http';
import { networkCode, neverSent } from './network';
import { createPatience } from './patience';
import { readReply, readRequest, type ReplyBody, type RequestReply } from './replies';
import { createThrottle } from './throttle';

const SUBMIT_TIMEOUT_MS = 60_000;
const READ_TIMEOUT_MS = 30_000;
/** What the last look at the deadline is given to be answered, in ms. */
const LAST_READ_MS = 5_000;

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
	 * Starts a paid run. Sent again only after a 429, which says that it was not taken.
	 *
	 * Rejects with `outcomeUnknown` when the answer was lost, so that a run may have started;
	 * with `notSent` when the call never left; otherwise with RunComfy's refusal.
	 */
	submit(model: string, input: object, limits: CallLimits): Promise<Submission>;
	/** Where a request stands. Repeated on passing faults until the deadline, as the next two are. */
	status(requestId: string, limits: CallLimits): Promise<RequestReply>;
	/** The output of a finished request, or where it stands when it is not finished. */
	result(requestId: string, includeCost: boolean, limits: CallLimits): Promise<RequestReply>;
	/** Asks to cancel; RunComfy cancels only what is still queued. */
	cancel(requestId: string, limits: CallLimits): Promise<RequestReply>;
}

export interface ClientParts {
	send: Send;
	clock: Clock;
	/** Gives a number from 0 up to 1, for jitter. */
	random: () => number;
}

export function createRunComfyClient({ send, clock, random }: ClientParts): RunComfyClient {
	const patience = createPatience(clock, createThrottle(clock, random), random);

	async function call(request: ApiRequest): Promise<ReplyBody> {
		try {
			return readReply(await send(request), clock.now());
		} catch (error) {
			return await fail(asCallError(error));
		}
	}

	async function ask(
		requestId: string,
		method: 'GET' | 'POST',
		verb: string,
		limits: CallLimits,
	): Promise<RequestReply> {
		const path = `/v1/requests/${encodeURIComponent(requestId)}/${verb}`;
		const once = async () =>
			await call({
				method,
				path,
				timeoutMs: Math.max(LAST_READ_MS, Math.min(READ_TIMEOUT_MS, limits.deadline - clock.now())),
				signal: limits.callSignal ?? limits.signal,
			});
		try {
			return readRequest(await patience(once, isPassing, limits));
		} catch (error) {
			return await fail(asReadError(error, requestId));
		}
	}

	return {
		async submit(model, input, limits) {
			const path = `/v1/models/${model.split('/').map(encodeURIComponent).join('/')}`;
			const signal = limits.callSignal ?? limits.signal;
			const once = async () => {
				try {
					return toSubmission(
						await call({ method: 'POST', path, body: input, timeoutMs: SUBMIT_TIMEOUT_MS, signal }),
					);
				} catch (error) {
					return await fail(asSubmitError(error, model));
				}
			};
			return await patience(once, isThrottled, limits);
		},
		status: async (requestId, limits) => await ask(requestId, 'GET', 'status', limits),
		result: async (requestId, includeCost, limits) =>
			await ask(requestId, 'GET', includeCost ? 'result?include_cost=true' : 'result', limits),
		cancel: async (requestId, limits) => await ask(requestId, 'POST', 'cancel', limits),
	};
}

async function fail(error: unknown): Promise<never> {
	return await Promise.reject(error);
}

function toSubmission(body: ReplyBody): Submission {
	const requestId = body.request_id;
	if (typeof requestId === 'string' && requestId !== '') return { requestId, body };
	throw new RunComfyError('unavailable', { detail: 'an answer without a request id' });
}

function isThrottled(error: unknown): boolean {
	return error instanceof RunComfyError && error.kind === 'throttled';
}

function isPassing(error: unknown): boolean {
	return (
		error instanceof RunComfyError &&
		(error.kind === 'unavailable' || error.kind === 'notSent' || error.kind === 'throttled')
	);
}

function asCallError(error: unknown): RunComfyError {
	if (error instanceof RunComfyError) return error;
	return new RunComfyError(neverSent(error) ? 'notSent' : 'unavailable', {
		detail: networkCode(error),
	});
}

function asReadError(error: unknown, requestId: string): unknown {
	if (!(error instanceof RunComfyError)) return error;
	const kind = error.kind === 'notSent' ? 'unavailable' : error.kind;
	return new RunComfyError(kind, { ...error.facts, requestId });
}

/** What is no clear refusal leaves open whether a paid run has started. */
function asSubmitError(error: unknown, model: string): RunComfyError {
	const { kind, facts } = asCallError(error);
	const open = kind === 'unavailable' || kind === 'stopped';
	return new RunComfyError(open ? 'outcomeUnknown' : kind, { ...facts, model });
}
