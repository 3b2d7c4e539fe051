import type { ApiResponse } from './http';
import { decodePath } from './url';
import { detailOf } from './detail';
import { RunComfyError, type ErrorFacts, type ErrorKind } from './errors';

export type ReplyBody = Record<string, unknown>;

/** `unfinished` (no result yet, and no status) and `unknown` (a status not known here) never count as an end. */
export type RequestState =
	| 'queued'
	| 'running'
	| 'completed'
	| 'failed'
	| 'cancelled'
	| 'cancelling'
	| 'unfinished'
	| 'unknown';

export interface RequestReply {
	state: RequestState;
	status: string;
	body: ReplyBody;
	refusal?: ErrorFacts;
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

/** The state that a word of RunComfy's names, in any spelling. `cancellation_requested` and its like are no end yet. */
function stateNamed(word: unknown): RequestState | undefined {
	if (typeof word !== 'string') return undefined;
	const name = word
		.trim()
		.toLowerCase()
		.replace(/[\s-]+/g, '_');
	return STATES.get(name) ?? (name.startsWith('cancel') ? 'cancelling' : undefined);
}

const KIND_OF_CODE: Record<number, ErrorKind> = {
	400001: 'notFound',
	400002: 'insufficientBalance',
	400004: 'unauthorized',
	403001: 'forbidden',
	404001: 'notFound',
	// Of the Serverless API.
	401001: 'unauthorized',
	403003: 'forbidden',
	422001: 'rejected',
	10001: 'insufficientBalance',
	10002: 'disabled',
	10003: 'notFound',
};

/** A smaller `code` is an HTTP status. */
const LEAST_CODE = 10_000;

const DEEPEST = 20;

/** With this `error_code`, RunComfy's clients have seen, `result` answers while a request goes on. */
const NOT_FINISHED = 400005;

/** A proxy has other statuses for its own refusals (407, 403). */
const KIND_OF_STATUS: Record<number, ErrorKind> = {
	401: 'unauthorized',
	402: 'insufficientBalance',
};

/** In an answer that is RunComfy's own; any other 4xx is a refusal of the call. */
const KIND_OF_OWN_STATUS: Record<number, ErrorKind> = { 403: 'unauthorized', 404: 'notFound' };

/**
 * These leave open whether a call was carried out: 303 points to what a POST has made, 408 and 499 (nginx) come
 * when a connection is given up, and 425 asks for the same call again.
 */
const OPEN_STATUSES = new Set([303, 408, 425, 499]);

/**
 * @param now epoch time in ms
 * @throws RunComfyError of the kind that the error code or the HTTP status tells, with HTTP 200 too
 */
export function readReply(response: ApiResponse, now: number): ReplyBody {
	const { status, headers } = response;
	const body = parseObject(response.body);
	const errorCode = errorCodeOf(body);
	if (body !== undefined && errorCode === NOT_FINISHED && status < 500) return body;
	if (body !== undefined && status >= 200 && status < 300 && !isErrorBody(body)) return body;

	const requestId = requestIdNamed(response);
	const sentAt = Date.parse(headers.date ?? '') || now;
	const retryAfterMs = parseRetryAfter(headers['retry-after'], sentAt);
	const detail = detailOf(body).detail ?? describe(status, body);
	throw new RunComfyError(kindOf(response, body, errorCode), {
		httpStatus: status,
		...(requestId !== undefined && { requestId }),
		...(errorCode !== undefined && { errorCode }),
		...(detail !== undefined && { detail }),
		...(retryAfterMs !== undefined && { retryAfterMs }),
	});
}

function kindOf(
	response: ApiResponse,
	body: ReplyBody | undefined,
	errorCode: number | undefined,
): ErrorKind {
	const { status } = response;
	if (status === 429) return 'throttled';
	const known = (errorCode !== undefined && KIND_OF_CODE[errorCode]) || KIND_OF_STATUS[status];
	if (known) return known;
	if (status < 300 || status >= 500 || OPEN_STATUSES.has(status)) return 'unavailable';
	if (status < 400) return requestIdNamed(response) ? 'unavailable' : 'intercepted';
	const isRunComfys = errorCode !== undefined || detailOf(body).detail !== undefined;
	return isRunComfys ? (KIND_OF_OWN_STATUS[status] ?? 'rejected') : 'intercepted';
}

function describe(status: number, body: ReplyBody | undefined): string | undefined {
	if (status >= 300 && status < 400) return 'a redirect, which is never followed with the token';
	return body === undefined ? 'an answer that is not JSON' : undefined;
}

/** `Retry-After` (RFC 9110, 10.2.3) in ms. A date is measured against `now`, epoch time in ms. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
	const value = header?.trim();
	if (!value) return undefined;
	if (/^\d+$/.test(value)) return Number(value) * 1000;
	const date = /^[A-Z]/i.test(value) ? Date.parse(value) : NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

export function requestIdOf({ request_id: id }: ReplyBody): string | undefined {
	const text = typeof id === 'number' ? String(id) : typeof id === 'string' ? id.trim() : '';
	return isRequestId(text) ? text : undefined;
}

/** Whether a text can be the id of a request: one that leads to its URL, and to nothing else. */
export function isRequestId(text: string): boolean {
	return /^[^\s\p{Cs}]{1,300}$/u.test(text) && !/^\.+$/.test(text) && !/^https?:\/\//i.test(text);
}

export function requestIdNamed({ headers, body }: ApiResponse): string | undefined {
	const [, inUrl] = /\/requests\/([^/?#]+)/.exec(headers.location ?? '') ?? [];
	return idIn(parseObject(body)) ?? (inUrl && requestIdOf({ request_id: decodePath(inUrl) }));
}

function idIn(value: unknown, depth = 0): string | undefined {
	if (typeof value !== 'object' || value === null || depth > DEEPEST) return undefined;
	const own = requestIdOf(value as ReplyBody);
	if (own !== undefined) return own;
	for (const part of Object.values(value)) {
		const id = idIn(part, depth + 1);
		if (id !== undefined) return id;
	}
	return undefined;
}

/**
 * `completed` only says that a run has ended (RunComfy's documentation): with an error beside it, it has failed, and
 * an `outcome` beside it tells how.
 * An answer without a known status is an end when it says when that was, or why: a bad one with an error, or with
 * an unknown status and no output. A gateway's answer, which names another request, is none.
 */
export function readState(body: ReplyBody, requestId = requestIdOf(body)): RequestReply {
	const status = typeof body.status === 'string' ? body.status : '';
	const errorCode = errorCodeOf(body);
	const goesOn = errorCode === NOT_FINISHED;
	const hasFailed = isSaying(body.error) || (errorCode !== undefined && !goesOn);
	const hasOutput = isSaying(outputOf(body));
	const isOfAnother = (requestIdOf(body) ?? requestId) !== requestId;
	const saysEnd = isSaying(body.finished_at) || hasFailed || (status === '' && hasOutput);
	const end = hasOutput || status === '' ? 'completed' : 'failed';
	const unnamed = goesOn ? 'unfinished' : saysEnd && !isOfAnother ? end : 'unknown';
	const state = stateNamed(status) ?? unnamed;
	const outcome = stateNamed(body.outcome);
	const isOver = state === 'completed' || state === 'unknown';
	const ended = isOver && (outcome === 'cancelled' || outcome === 'failed') ? outcome : state;
	return {
		state: ended === 'completed' && hasFailed ? 'failed' : ended,
		status,
		body,
	};
}

/** What a request has made; a deployment calls it `outputs`. */
export function outputOf({ output, outputs }: ReplyBody): unknown {
	return isSaying(outputs) ? outputs : (output ?? outputs);
}

export function isSaying(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return Boolean(value);
	return Object.values(value).some(isSaying);
}

/** A list becomes `items`. An id that is a number keeps all its digits, also those that a JavaScript number has no room for. */
function parseObject(text: string): ReplyBody | undefined {
	try {
		const exact = text.replace(/("request_id"\s*:\s*)(\d{16,})(?=\s*[,}])/g, '$1"$2"');
		const value: unknown = JSON.parse(exact.replace(/^\uFEFF/, ''));
		if (Array.isArray(value)) return { items: value };
		return typeof value === 'object' && value !== null ? (value as ReplyBody) : undefined;
	} catch {
		return undefined;
	}
}

function errorCodeOf(body: ReplyBody = {}): number | undefined {
	const error = (typeof body.error === 'object' ? body.error : undefined) as ReplyBody | undefined;
	const codes = [body.code, error?.error_code, error?.code].map(toErrorCode);
	return toErrorCode(body.error_code) ?? codes.find((code = 0) => code >= LEAST_CODE);
}

function toErrorCode(value: unknown): number | undefined {
	const code = typeof value === 'string' ? Number(value) : value;
	return typeof code === 'number' && code > 0 ? code : undefined;
}

/** A failed run carries an error too, beside its status: that is an answer, not a refused call. */
function isErrorBody(body: ReplyBody): boolean {
	const { error_message: words, error, detail, message, status } = body;
	if (stateNamed(status) !== undefined) return false;
	const code = errorCodeOf(body);
	if (code !== undefined && code in KIND_OF_CODE) return true;
	if ('request_id' in body) return code !== undefined && typeof status !== 'string';
	return code !== undefined || [words, error, detail, message].some(isSaying);
}
