/** A request of this run, from the moment its id is known. */
export interface OpenRequest {
	requestId: string;
	/** Whether to cancel it when the execution is stopped. */
	cancelOnStop: boolean;
}

/** The requests of one run by item index: what a Stop has to settle, and an error has to name. */
export interface OpenRequests {
	/** Notes a request as soon as its id is known. */
	add(itemIndex: number, request: OpenRequest): void;
	/** Notes that the request of an item needs no cancel any more. */
	end(itemIndex: number): void;
	/** Those that may still be queued or running. */
	open(): Array<[itemIndex: number, request: OpenRequest]>;
	/** The ids of all of them, whether ended or not, but those of one item. */
	idsExceptOf(itemIndex: number): string[];
}

export function createOpenRequests(): OpenRequests {
	const requests = new Map<number, OpenRequest>();
	const ended = new Set<number>();
	return {
		add(itemIndex, request) {
			requests.set(itemIndex, request);
			ended.delete(itemIndex);
		},
		end: (itemIndex) => void ended.add(itemIndex),
		open: () => [...requests].filter(([itemIndex]) => !ended.has(itemIndex)),
		idsExceptOf: (itemIndex) =>
			[...requests].filter(([index]) => index !== itemIndex).map(([, { requestId }]) => requestId),
	};
}
