/**
 * What can go wrong between the node and a finished video, as one word each. These are stable:
 * they are `details.reason` of an error item, and every one has its text in `errors/errorText.ts`.
 */
export const ERROR_KINDS = [
	'invalidInput',
	'invalidCredential',
	'unauthorized',
	'insufficientBalance',
	'forbidden',
	'notFound',
	'rejected',
	'intercepted',
	'throttled',
	'notSent',
	'notSubmitted',
	'outcomeUnknown',
	'unavailable',
	'failed',
	'cancelled',
	'timedOut',
	'stopped',
	'noMedia',
	'downloadRefused',
	'downloadTooLarge',
	'downloadFailed',
	'storeFailed',
	'catalogUnavailable',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

/** What is known about an error. Never holds the token; texts from outside are cleaned before display. */
export interface ErrorFacts {
	/** The request that the call was about, or that the error body of a paid POST names. */
	requestId?: string;
	/** HTTP status of the answer, when there was one. */
	httpStatus?: number;
	/** RunComfy's `error_code`, e.g. 400002. */
	errorCode?: number;
	/** RunComfy's own message, or the network's error code: one line, at most 300 characters. */
	detail?: string;
	/** The last status RunComfy reported, in its own word. */
	status?: string;
	/** How long the server asks to wait, in ms (`Retry-After`). */
	retryAfterMs?: number;
	/** How much of the time for it was left when it was given up, in ms. */
	leftMs?: number;
	/** How long was waited in all, in ms. */
	waitedMs?: number;
	/** Media URL that could not be downloaded. */
	url?: string;
	/** The model that was asked for. */
	model?: string;
	/** Requests of the same run that went on when this one failed. */
	alsoRunning?: string[];
	/** Other items of the same run whose paid request has an unknown outcome. */
	alsoUnknown?: string[];
}

/** Every error of the API client and of the runtime around it. */
export class RunComfyError extends Error {
	constructor(
		readonly kind: ErrorKind,
		readonly facts: ErrorFacts = {},
	) {
		super(`RunComfy: ${kind}`);
		this.name = 'RunComfyError';
	}

	/** The same error with more facts; what is already known stays. */
	with(facts: ErrorFacts): RunComfyError {
		return new RunComfyError(this.kind, { ...facts, ...this.facts });
	}
}

/**
 * The error of a field, before anything is sent.
 *
 * @param detail names the field, the fault of its value and the way out
 */
export function invalidInput(detail: string): RunComfyError {
	return new RunComfyError('invalidInput', { detail });
}
