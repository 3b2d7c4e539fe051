import type { ApiResponse } from './http';
import { detailOf } from './detail';
import { RunComfyError, type ErrorFacts, type ErrorKind } from './errors';

export type ReplyBody = Record<string, unknown>;

/**
 * The state of a request. None of `unfinished` (an answer of `result` that says no more), `refused` (one that
 * refuses the call) and `unknown` (a status not known here) ever counts as an end.
 */
export type RequestState =
	| 'queued'
	| 'running'
	| 'completed'
	| 'failed'
	| 'cancelled'
	| 'unfinished'
	| 'refused'
	| 'unknown';

export interface RequestReply {
	state: RequestState;
	/** RunComfy's own word for it; empty when it sent none. */
	status: string;
	queuePosition?: number;
	body: ReplyBody;
	refusal?: ErrorFacts;
}

export function hasNoResult({ state }: RequestReply): boolean {
	return state === 'unfinished' || state === 'refused';
}

/** The first ones are documented (the model's API page); RunComfy's clients accept the others. */
const STATES = new Map<string, RequestState>([
	['in_queue', 'queued'],
	['pending', 'queued'],
	['waiting', 'queued'],
	['in_progress', 'running'],
	['starting', 'running'],
	['processing', 'running'],
	['completed', 'completed'],
	['succeeded', 'completed'],
	['failed', 'failed'],
	['cancelled', 'cancelled'],
	['canceled', 'cancelled'],
]);

const KIND_OF_CODE: Record<number, ErrorKind> = {
	400001: 'notFound',
	400002: 'insufficientBalance',
	400004: 'unauthorized',
	403001: 'forbidden',
	404001: 'notFound',
};

/** With this `error_code`, RunComfy's clients have seen, `result` answers while a request goes on. */
const NOT_FINISHED = 400005;

/** What an HTTP status means by itself; a proxy has others for its own refusals (407, 403). */
const KIND_OF_STATUS: Record<number, ErrorKind> = {
	401: 'unauthorized',
	402: 'insufficientBalance',
};

/** The same in an answer that is RunComfy's own; any other 4xx is a refusal of the call. */
const KIND_OF_OWN_STATUS: Record<number, ErrorKind> = { 403: 'unauthorized', 404: 'notFound' };

/**
 * Statuses that leave open whether a call was carried out: 303 points to what a POST has made, 408 and 499
 * (nginx) come when a connection is given up, and 425 asks for the same call again.
 */
const OPEN_STATUSES = new Set([303, 408, 425, 499]);

/**
 * @param now epoch time in ms
 * @throws RunComfyError of the kind that the error code or the HTTP status tells, with HTTP 200 too;
 * `intercepted` for a redirect, and for a 4xx that is not RunComfy's; `unavailable` for any other answer
 */
export function readReply(response: ApiResponse, now: number): ReplyBody {
	const { status } = response;
	const body = parseObject(response.body);
	const errorCode = toErrorCode(body?.error_code);
	if (body !== undefined && errorCode === NOT_FINISHED && status < 500) return body;
	if (body !== undefined && status >= 200 && status < 300 && !isErrorBody(body)) return body;

	const requestId = body && requestIdOf(body);
	const retryAfterMs = parseRetryAfter(response.headers['retry-after'], now);
	const detail = detailOf(body).detail ?? describe(status, body);
	throw new RunComfyError(kindOf(status, body, errorCode), {
		httpStatus: status,
		...(requestId !== undefined && { requestId }),
		...(errorCode !== undefined && { errorCode }),
		...(detail !== undefined && { detail }),
		...(retryAfterMs !== undefined && { retryAfterMs }),
	});
}

function kindOf(
	status: number,
	body: ReplyBody | undefined,
	errorCode: number | undefined,
): ErrorKind {
	if (status === 429) return 'throttled';
	const known = (errorCode !== undefined && KIND_OF_CODE[errorCode]) || KIND_OF_STATUS[status];
	if (known) return known;
	if (status < 300 || status >= 500 || OPEN_STATUSES.has(status)) return 'unavailable';
	if (status < 400) return body && requestIdOf(body) ? 'unavailable' : 'intercepted';
	const isRunComfys = errorCode !== undefined || detailOf(body).detail !== undefined;
	return isRunComfys ? (KIND_OF_OWN_STATUS[status] ?? 'rejected') : 'intercepted';
}

function describe(status: number, body: ReplyBody | undefined): string | undefined {
	if (status >= 300 && status < 400) return 'a redirect, which is never followed with the token';
	return body === undefined ? 'an answer that is not JSON' : undefined;
}

/** `Retry-After` (RFC 9110, 10.2.3) as ms. `now` is epoch time in ms, to measure a date against. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
	const value = header?.trim();
	if (!value) return undefined;
	if (/^\d+$/.test(value)) return Number(value) * 1000;
	const date = /^[A-Z]/i.test(value) ? Date.parse(value) : NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The id of a request in an answer: text, or a number as text. */
export function requestIdOf({ request_id: id }: ReplyBody): string | undefined {
	if (typeof id === 'number') return String(id);
	return typeof id === 'string' && id.trim() !== '' ? id.trim() : undefined;
}

/**
 * `completed` only says that a run has ended (RunComfy's clients): with an error beside it, it has failed. An
 * output under an unknown status is an end when it says when that was, or under no status at all.
 */
export function readState(body: ReplyBody): RequestReply {
	const status = typeof body.status === 'string' ? body.status : '';
	const position = body.queue_position;
	const errorCode = toErrorCode(body.error_code);
	const goesOn = errorCode === NOT_FINISHED;
	const hasEnded = isSaying(body.output) && (status === '' || isSaying(body.finished_at));
	const unnamed = goesOn ? 'unfinished' : hasEnded ? 'completed' : 'unknown';
	const state = STATES.get(status.toLowerCase()) ?? unnamed;
	const hasFailed = isSaying(body.error) || (errorCode !== undefined && !goesOn);
	return {
		state: state === 'completed' && hasFailed ? 'failed' : state,
		status,
		...(typeof position === 'number' && { queuePosition: position }),
		body,
	};
}

/** True for a value that says anything: no `null`, `false`, empty text, list or object. */
function isSaying(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return Boolean(value);
	return Object.keys(value).length > 0;
}

/** An id that is a number keeps all its digits, also those that a JavaScript number has no room for. */
function parseObject(text: string): ReplyBody | undefined {
	try {
		const exact = text.replace(/("request_id"\s*:\s*)(\d{16,})(?=\s*[,}])/g, '$1"$2"');
		const value: unknown = JSON.parse(exact.replace(/^\uFEFF/, ''));
		return typeof value === 'object' && value !== null && !Array.isArray(value)
			? (value as ReplyBody)
			: undefined;
	} catch {
		return undefined;
	}
}

function toErrorCode(value: unknown): number | undefined {
	const code = typeof value === 'string' ? Number(value) : value;
	return typeof code === 'number' && code > 0 ? code : undefined;
}

/** A failed run carries an error too, beside its status: that is an answer, not a refused call. */
function isErrorBody(body: ReplyBody): boolean {
	if (typeof body.status === 'string' && STATES.has(body.status.toLowerCase())) return false;
	if (toErrorCode(body.error_code) !== undefined) return true;
	const { error_message: words, error, detail, message } = body;
	return !('request_id' in body) && [words, error, detail, message].some(isSaying);
}
