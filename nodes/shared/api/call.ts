import { RunComfyError, type ErrorKind } from './errors';
import type { CallLimits, Clock, Send } from './http';
import { networkCode, neverSent } from './network';
import { createRateLimit } from './rateLimit';
import { readReply, type ReplyBody } from './replies';
import { createRetry } from './retry';
import { uploadMs } from './uploadTime';

/** What a last call at the deadline is given to be answered, in ms. */
const LAST_CALL_MS = 5_000;

/** What calls are made with. */
export interface CallParts {
	send: Send;
	clock: Clock;
	/** Gives a number from 0 up to 1, for jitter. */
	random: () => number;
}

/** One verb of the API. */
export interface Verb<Answer> {
	method: 'GET' | 'POST';
	/** What `id` names, and what an error says that it was about. */
	about: 'model' | 'requestId';
	path(id: string): string;
	/** How long an answer may take, in ms, besides the time in which a body gets there. */
	timeoutMs: number;
	/** Whether the signal and the deadline end a call under way. */
	interruptible: boolean;
	/** After which errors the call may be sent again. */
	retriedAfter: readonly ErrorKind[];
	read(body: ReplyBody): Answer;
	/** What an error of one attempt means for the caller. */
	meaning(kind: ErrorKind): ErrorKind;
}

/** The errors after which a call that changes nothing may be sent again. */
export const PASSING_FAULTS = ['unavailable', 'throttled', 'intercepted'] as const;

/** To ask again does no harm, so it does not matter whether the call has left. */
export const READ_MEANING = (kind: ErrorKind): ErrorKind =>
	kind === 'notSent' ? 'unavailable' : kind;

/** Is told how a call fares before it is answered. */
export interface CallWatch {
	/** The call leaves. */
	sent(): void;
	/** It met a 429, and will be sent again. */
	throttled(): void;
}

/**
 * Carries out a verb, again after the errors that allow it until the deadline. Rejects with a
 * `RunComfyError` that says what the call was about.
 */
export type Call = <Answer>(
	verb: Verb<Answer>,
	id: string,
	limits: CallLimits,
	sending?: { body?: object; watch?: CallWatch },
) => Promise<Answer>;

/** All verbs that share a `Call` wait together when RunComfy answers 429. */
export function createCall({ send, clock, random }: CallParts): Call {
	const retry = createRetry(clock, createRateLimit(clock, random), random);

	return async (verb, id, limits, { body, watch } = {}) => {
		const attempt = async () => {
			const timeoutMs = verb.timeoutMs + uploadMs(body);
			const leftMs = Math.max(LAST_CALL_MS, limits.deadline - clock.now());
			try {
				watch?.sent();
				const response = await send({
					method: verb.method,
					path: verb.path(id),
					body,
					timeoutMs: verb.interruptible ? Math.min(timeoutMs, leftMs) : timeoutMs,
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
	};
}

function isThrottled(error: unknown): boolean {
	return error instanceof RunComfyError && error.kind === 'throttled';
}

function asCallError(error: unknown, meaning: Verb<unknown>['meaning']): RunComfyError {
	if (error instanceof RunComfyError) return new RunComfyError(meaning(error.kind), error.facts);
	const kind = neverSent(error) ? 'notSent' : 'unavailable';
	return new RunComfyError(meaning(kind), { detail: networkCode(error) });
}
