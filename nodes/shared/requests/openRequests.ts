import type { IContextObject } from 'n8n-workflow';
import { onAbort } from '../connection/linkedAbort';
import type { StopOutcome } from './cancelOnStop';
import { OUTCOME_WITHOUT_CANCEL } from './requestOutcome';
import type { RunLog } from './runLog';

/** A request of this run, from the moment its id is known. */
export interface OpenRequest {
	requestId: string;
	/** Whether to cancel it when the execution is stopped. */
	cancelOnStop: boolean;
	/** Called when it was cancelled: the next try must not take it for one that is still open. */
	onCancelled?: () => void;
}

/** The requests of one run by item index: what a Stop has to settle, and an error has to name. */
export interface OpenRequests {
	/** Notes a request as soon as its id is known. */
	add(itemIndex: number, request: OpenRequest): void;
	/** Notes how the request of an item has ended, so that there is nothing left to cancel. */
	end(itemIndex: number, how: 'completed' | 'failed'): void;
	/** The ids of all that a next try can pick up, but that of one item. */
	idsExceptOf(itemIndex: number): string[];
	/**
	 * Settles the request of an item after the execution was stopped: cancels it if it may still be
	 * queued, and logs what became of it. Does so once, however often it is called, and in which try.
	 *
	 * @returns what became of it, as a sentence; `undefined` when the item has no request
	 */
	settle(itemIndex: number): Promise<string | undefined>;
	/** The same for all items. */
	settleAll(): Promise<void>;
	/**
	 * To be called when the run ends without output and the execution goes on: the requests wait for a
	 * next try, and are settled when the execution is stopped before there is one.
	 */
	leaveToNextTry(execution: AbortSignal | undefined): void;
}

export interface OpenRequestsParts {
	/** The node's context object, the same for all tries of an execution. */
	context: IContextObject;
	cancel: (requestId: string) => Promise<StopOutcome>;
	log: RunLog;
}

/** What the tries of an execution share, by request id. */
interface Shared {
	/** How to call off the watch over a request that waits for its next try. */
	waiting: Map<string, () => void>;
	/** What became of those that a Stop has left. */
	settled: Map<string, Promise<string>>;
}

const sharedBy = new WeakMap<IContextObject, Shared>();

export function createOpenRequests({ context, cancel, log }: OpenRequestsParts): OpenRequests {
	const requests = new Map<number, OpenRequest>();
	const ended = new Map<number, 'completed' | 'failed'>();
	const shared: Shared = sharedBy.get(context) ?? { waiting: new Map(), settled: new Map() };
	sharedBy.set(context, shared);
	const { waiting, settled } = shared;

	async function settleNow(itemIndex: number, request: OpenRequest): Promise<string> {
		const { requestId, cancelOnStop, onCancelled } = request;
		const how = ended.get(itemIndex);
		const outcome = how
			? { text: OUTCOME_WITHOUT_CANCEL[how], cancelled: false }
			: cancelOnStop
				? await cancel(requestId)
				: { text: OUTCOME_WITHOUT_CANCEL.leftAlone, cancelled: false };
		if (outcome.cancelled) onCancelled?.();
		log.info(`stopped. Request ${requestId}: ${outcome.text}`, itemIndex);
		return outcome.text;
	}

	async function settle(itemIndex: number): Promise<string | undefined> {
		const request = requests.get(itemIndex);
		if (!request) return undefined;
		const settling = settled.get(request.requestId) ?? settleNow(itemIndex, request);
		settled.set(request.requestId, settling);
		return await settling;
	}

	return {
		add(itemIndex, request) {
			waiting.get(request.requestId)?.();
			requests.set(itemIndex, request);
			ended.delete(itemIndex);
		},
		end: (itemIndex, how) => void ended.set(itemIndex, how),
		idsExceptOf: (itemIndex) =>
			[...requests]
				.filter(([index]) => index !== itemIndex && ended.get(index) !== 'failed')
				.map(([, { requestId }]) => requestId),
		settle,
		async settleAll() {
			await Promise.all([...requests.keys()].map(settle));
		},
		leaveToNextTry(execution) {
			for (const [itemIndex, { requestId }] of requests) {
				if (ended.has(itemIndex)) continue;
				const release = onAbort(execution, () => void settle(itemIndex));
				waiting.set(requestId, () => {
					release();
					waiting.delete(requestId);
				});
			}
		},
	};
}
