import type { ApiResponse } from './http';
import { detailOf } from './detail';
import { RunComfyError, type ErrorFacts, type ErrorKind } from './errors';
import { parseRetryAfter } from './retryAfter';

/** A JSON object as RunComfy sent it. */
export type ReplyBody = Record<string, unknown>;

/** The state of a request. `unknown` is a status that nobody knows: it is never taken for an end. */
export type RequestState = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled' | 'unknown';

/** What RunComfy answers about a request. */
export interface RequestReply {
	state: RequestState;
	/** RunComfy's own word for it; empty when it sent none. */
	status: string;
	/** How many requests are ahead of this one, while it is queued. */
	queuePosition?: number;
	body: ReplyBody;
}

/**
 * `in_queue`, `in_progress`, `completed` and `cancelled` are the documented words (the model's API
 * page); the others are accepted by RunComfy's own clients.
 */
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

/** `error_code`s of RunComfy's public API documentation. */
const KIND_OF_CODE: Record<number, ErrorKind> = {
	400001: 'notFound',
	400002: 'insufficientBalance',
	400004: 'unauthorized',
	403001: 'forbidden',
	404001: 'notFound',
};

const KIND_OF_STATUS: Record<number, ErrorKind> = {
	401: 'unauthorized',
	402: 'insufficientBalance',
	403: 'unauthorized',
	404: 'notFound',
	408: 'unavailable',
	425: 'unavailable',
	429: 'throttled',
};

/**
 * Turns an HTTP answer into RunComfy's JSON object.
 *
 * @throws RunComfyError of the kind that the error code or the HTTP status tells, also for an error
 * body that comes with HTTP 200; `unavailable` for a 5xx, a redirect, or anything but a JSON object
 */
export function readReply(response: ApiResponse, now: number): ReplyBody {
	const body = parseObject(response.body);
	const errorCode = toErrorCode(body?.error_code);
	const facts: ErrorFacts = {
		httpStatus: response.status,
		...(errorCode !== undefined && { errorCode }),
		...detailOf(body),
	};
	if (response.status >= 400 || isErrorBody(body)) {
		const kind =
			response.status === 429
				? 'throttled'
				: ((errorCode !== undefined ? KIND_OF_CODE[errorCode] : undefined) ??
					KIND_OF_STATUS[response.status] ??
					(response.status >= 400 && response.status < 500 ? 'rejected' : 'unavailable'));
		const retryAfterMs = parseRetryAfter(response.headers['retry-after'], now);
		throw new RunComfyError(kind, {
			...facts,
			...(retryAfterMs !== undefined && { retryAfterMs }),
		});
	}
	if (response.status < 200 || response.status >= 300) {
		throw new RunComfyError('unavailable', {
			...facts,
			detail: 'a redirect, which is never followed with the token',
		});
	}
	if (body === undefined) {
		throw new RunComfyError('unavailable', { ...facts, detail: 'an answer that is not JSON' });
	}
	return body;
}

/** Reads the state of a request from the answer of `status`, `result` or `cancel`. */
export function readState(body: ReplyBody): RequestReply {
	const status = typeof body.status === 'string' ? body.status : '';
	const position = body.queue_position;
	return {
		state: STATES.get(status.toLowerCase()) ?? 'unknown',
		status,
		...(typeof position === 'number' && { queuePosition: position }),
		body,
	};
}

function parseObject(text: string): ReplyBody | undefined {
	try {
		const value: unknown = JSON.parse(text);
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
function isErrorBody(body: ReplyBody | undefined): boolean {
	if (!body || (typeof body.status === 'string' && STATES.has(body.status.toLowerCase())))
		return false;
	if (toErrorCode(body.error_code) !== undefined) return true;
	return (
		!('request_id' in body) &&
		Boolean(body.error_message ?? body.error ?? body.detail ?? body.message)
	);
}
