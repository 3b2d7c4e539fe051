export interface ApiRequest {
	method: 'GET' | 'POST';
	path: string;
	body?: Buffer | undefined;
	timeoutMs: number;
	signal?: AbortSignal | undefined;
}

export interface ApiResponse {
	status: number;
	/** Header names in lower case. */
	headers: Record<string, string | undefined>;
	body: string;
}

/**
 * Sends a call once, follows no redirect, and answers for every HTTP status. Rejects when no complete answer came,
 * with the network's error (as Node and axios name it), or the signal's reason.
 */
export type Send = (request: ApiRequest) => Promise<ApiResponse>;

export interface Clock {
	/** A reading in ms that only goes forward, whatever happens to the date. */
	now(): number;
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface CallLimits {
	/** The clock's reading after which nothing is sent any more. */
	deadline: number;
	/** Ends the waiting between attempts, and every call under way but a paid POST. */
	signal?: AbortSignal;
}
