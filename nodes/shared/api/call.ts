import { RunComfyError, type ErrorFacts, type ErrorKind } from './errors';
import type { ApiResponse, CallLimits, Clock, Send } from './http';
import { networkCode, neverSent } from './network';
import { RateLimit } from './rateLimit';
import { readReply, type ReplyBody } from './replies';

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 20_000;
const LAST_CALL_MS = 5_000;
/** How often a paid call that was not sent is tried again: with the backoff, for 16 to 32 seconds. */
const NOT_SENT_REPEATS = 6;
/** What a slow line carries upwards, in bytes a ms: 1 Mbit/s. */
const SLOW_LINE = 125;

export const PASSING_ERRORS: readonly ErrorKind[] = ['unavailable', 'throttled', 'intercepted'];

export interface CallParts {
	send: Send;
	clock: Clock;
	random: () => number;
}

export interface ApiCall<Answer> {
	method: 'GET' | 'POST';
	path: string;
	body?: Buffer;
	about: Pick<ErrorFacts, 'model' | 'requestId' | 'deploymentId'>;
	/** How long an answer may take, besides the time in which the body gets there. */
	timeoutMs: number;
	/** A paid one is sent again only when it was certainly not taken, and nothing ends it once it is under way. */
	paid?: boolean;
	mayBeEmpty?: boolean;
	/** Whether an error code ends the call also where RunComfy sends it with HTTP 200 and its meaning is not known. */
	endsOnCode?: boolean;
	notFoundRepeats?: number;
	/** Told of the request that an error names; gives an answer in its place when that request was made by this call. */
	named?: (requestId: string, error: RunComfyError) => Promise<Answer | undefined>;
	read(body: ReplyBody, response: ApiResponse): Answer;
}

export class ApiCaller {
	readonly #rateLimit: RateLimit;

	constructor(private readonly parts: CallParts) {
		this.#rateLimit = new RateLimit(parts.clock, parts.random);
	}

	/**
	 * Makes a call, again after the errors that allow it. Rejects with the last one, with `retryAfterMs` and `leftMs`
	 * at once when the next attempt would start after the deadline.
	 */
	async call<Answer>(call: ApiCall<Answer>, limits: CallLimits): Promise<Answer> {
		return await this.#untilAnswered(call, limits).catch((error: unknown) => {
			if (!(error instanceof RunComfyError)) throw error;
			throw new RunComfyError(error.kind, { ...error.facts, ...call.about });
		});
	}

	async #untilAnswered<Answer>(call: ApiCall<Answer>, limits: CallLimits): Promise<Answer> {
		const { clock } = this.parts;
		for (let attempts = 0; ; attempts++) {
			await this.#rateLimit.pass(limits);
			const outcome = await this.#attempt(call, limits);
			if ('answer' in outcome) {
				this.#rateLimit.answered();
				return outcome.answer;
			}
			const { error } = outcome;
			const { requestId } = error.facts;
			const made = requestId === undefined ? undefined : await call.named?.(requestId, error);
			if (made) return made;
			if (!mayRepeat(call, error, attempts)) throw error;
			const pauseMs = this.#pauseAfter(error, attempts);
			const leftMs = Math.max(0, limits.deadline - clock.now());
			if (pauseMs >= leftMs) throw error.with({ leftMs });
			await clock.sleep(pauseMs, limits.signal);
		}
	}

	async #attempt<Answer>(
		{ method, path, body, timeoutMs, paid, mayBeEmpty, read }: ApiCall<Answer>,
		{ deadline, signal }: CallLimits,
	): Promise<{ answer: Answer } | { error: RunComfyError }> {
		const { send, clock } = this.parts;
		const wholeMs = timeoutMs + Math.ceil((body?.length ?? 0) / SLOW_LINE);
		const leftMs = Math.max(LAST_CALL_MS, deadline - clock.now());
		const bounds = paid ? { timeoutMs: wholeMs } : { timeoutMs: Math.min(wholeMs, leftMs), signal };
		try {
			const response = await send({ method, path, body, ...bounds });
			const isEmpty = mayBeEmpty && isEmptySuccess(response);
			const reply = isEmpty ? {} : readReply(response, Date.now());
			return { answer: read(reply, response) };
		} catch (error) {
			return { error: asCallError(error, paid) };
		}
	}

	#pauseAfter({ kind, facts }: RunComfyError, attempts: number): number {
		if (kind === 'throttled') return this.#rateLimit.slowDown(facts.retryAfterMs);
		const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts, 10));
		return Math.max(facts.retryAfterMs ?? 0, backoffMs * (0.5 + this.parts.random() / 2));
	}
}

function mayRepeat(
	{ paid, notFoundRepeats = 0, endsOnCode }: ApiCall<unknown>,
	{ kind, facts: { errorCode, httpStatus = 0 } }: RunComfyError,
	attempts: number,
): boolean {
	if (endsOnCode && errorCode !== undefined && httpStatus < 300) return false;
	if (kind === 'notFound') return attempts < notFoundRepeats;
	if (kind === 'notSent') return attempts < NOT_SENT_REPEATS;
	return paid ? kind === 'throttled' : PASSING_ERRORS.includes(kind);
}

function isEmptySuccess({ status, body }: ApiResponse): boolean {
	// n8n (2.41.1) gives no body as an empty text, in JSON or not.
	return status >= 200 && status < 300 && ['', '""'].includes(body.trim());
}

/** What is no clear refusal of a paid call leaves open whether a run has started. */
function asCallError(error: unknown, paid = false): RunComfyError {
	const doubt = paid ? 'outcomeUnknown' : 'unavailable';
	if (error instanceof RunComfyError) {
		return error.kind === 'unavailable' ? new RunComfyError(doubt, error.facts) : error;
	}
	const kind = paid && neverSent(error) ? 'notSent' : doubt;
	return new RunComfyError(kind, { detail: networkCode(error) });
}
