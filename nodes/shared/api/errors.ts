/** What can go wrong. Stable, for these are `details.reason` of an error item. */
export const ERROR_KINDS = [
	'invalidInput',
	'invalidCredential',
	'unauthorized',
	'insufficientBalance',
	'forbidden',
	'disabled',
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
	/** The deployment that it is of. */
	deploymentId?: string;
	httpStatus?: number;
	errorCode?: number;
	/** RunComfy's own message, or the network's error code: one line, at most 300 characters. */
	detail?: string;
	status?: string;
	result?: string;
	retryAfterMs?: number;
	leftMs?: number;
	waitedMs?: number;
	/** What RunComfy says that the request cost, in US dollars. */
	costUsd?: number;
	url?: string;
	model?: string;
	/** Whether `requestId` is of an earlier try, so that this one has sent nothing. */
	earlierTry?: boolean;
	alsoRunning?: string[];
	/** Other items of the same run whose paid request has an unknown outcome. */
	alsoUnknown?: string[];
}

export class RunComfyError extends Error {
	constructor(
		readonly kind: ErrorKind,
		readonly facts: ErrorFacts = {},
	) {
		super(`RunComfy: ${kind}`);
		this.name = 'RunComfyError';
	}

	with(facts: ErrorFacts): RunComfyError {
		return new RunComfyError(this.kind, { ...facts, ...this.facts });
	}
}

/** @param detail names the field, what is wrong with its value and the way out */
export function invalidInput(detail: string): RunComfyError {
	return new RunComfyError('invalidInput', { detail });
}
