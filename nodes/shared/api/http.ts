/** One HTTP call to the RunComfy API. The path is relative to the base URL and starts with `/v1/`. */
export interface ApiRequest {
	method: 'GET' | 'POST';
	path: string;
	/** JSON. */
	body?: Buffer | undefined;
	/** Bound on the whole call, in ms. */
	timeoutMs: number;
	/** Ends the call at once. */
	signal?: AbortSignal | undefined;
}

export interface ApiResponse {
	status: number;
	/** Header names in lower case. */
	headers: Record<string, string | undefined>;
	/** The body as text, whatever it is. */
	body: string;
}

/**
 * Sends one call with the token, once, follows no redirect, and answers for every HTTP status.
 * Rejects when no complete answer came: with an error that carries the network's `code` (as Node
 * and axios name it), or with the signal's reason.
 */
export type Send = (request: ApiRequest) => Promise<ApiResponse>;

/** Time as the client sees it, so that tests need not sleep. */
export interface Clock {
	/** A reading in ms that only goes forward, whatever happens to the date: for durations and deadlines. */
	now(): number;
	/** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** How long a call may be retried, and what ends it early. */
export interface CallLimits {
	/** The clock's reading in ms after which nothing is sent any more. */
	deadline: number;
	/** Ends the waiting between attempts at once, and every call under way but a paid POST. */
	signal?: AbortSignal;
}
