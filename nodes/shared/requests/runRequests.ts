import type { IContextObject } from 'n8n-workflow';
import type { RequestAddress } from '../api/client';
import { onAbort } from '../connection/linkedAbort';
import type { StopOutcome } from './cancelOnStop';
import { OUTCOME_WITHOUT_CANCEL } from './requestOutcome';
import type { RunLog } from './runLog';

interface RunRequest {
	address: RequestAddress;
	cancelOnStop: boolean;
	/** Told when it was cancelled, so that the next try does not wait for it. */
	onCancelled?: () => void;
	ended?: 'completed' | 'failed';
}

/** What the tries of an execution share, by request id. */
interface Shared {
	/** How to call off the watch over a request that waits for its next try. */
	waiting: Map<string, () => void>;
	settled: Map<string, Promise<void>>;
}

const sharedBy = new WeakMap<IContextObject, Shared>();

/** The requests of one run by item index: what a Stop has to settle, and an error has to name. */
export class RunRequests {
	readonly #requests = new Map<number, RunRequest>();
	readonly #shared: Shared;

	constructor(
		context: IContextObject,
		private readonly cancel: (address: RequestAddress) => Promise<StopOutcome>,
		private readonly log: Pick<RunLog, 'info'>,
	) {
		this.#shared = sharedBy.get(context) ?? { waiting: new Map(), settled: new Map() };
		sharedBy.set(context, this.#shared);
	}

	add(itemIndex: number, request: RunRequest): void {
		this.#shared.waiting.get(request.address.requestId)?.();
		this.#requests.set(itemIndex, { ...request });
	}

	end(itemIndex: number, how: 'completed' | 'failed'): void {
		const request = this.#requests.get(itemIndex);
		if (request) request.ended = how;
	}

	/** The ids of all that a next try can pick up, but that of one item. */
	idsExceptOf(itemIndex: number): string[] {
		return [...this.#requests]
			.filter(([index, { ended }]) => index !== itemIndex && ended !== 'failed')
			.map(([, { address }]) => address.requestId);
	}

	/**
	 * After a Stop: cancels the request of an item if it may still be queued, and logs what became of it.
	 * Does so once, however often it is called, and in which try.
	 */
	async settle(itemIndex: number): Promise<void> {
		const request = this.#requests.get(itemIndex);
		if (!request) return;
		const { settled } = this.#shared;
		const { requestId } = request.address;
		const settling = settled.get(requestId) ?? this.#settleNow(itemIndex, request);
		settled.set(requestId, settling);
		await settling;
	}

	async settleAll(): Promise<void> {
		await Promise.all([...this.#requests.keys()].map(async (itemIndex) => this.settle(itemIndex)));
	}

	/**
	 * For a run that ends without output: the requests wait for a next try, and are settled when the
	 * execution is stopped before there is one.
	 */
	leaveToNextTry(execution: AbortSignal | undefined): void {
		const { waiting } = this.#shared;
		for (const [itemIndex, { address, ended }] of this.#requests) {
			if (ended) continue;
			const release = onAbort(execution, () => void this.settle(itemIndex));
			waiting.set(address.requestId, () => {
				release();
				waiting.delete(address.requestId);
			});
		}
	}

	async #settleNow(itemIndex: number, request: RunRequest): Promise<void> {
		const { address, cancelOnStop, onCancelled, ended } = request;
		const how = ended ?? (cancelOnStop ? undefined : 'leftAlone');
		const { text, cancelled } = how
			? { text: OUTCOME_WITHOUT_CANCEL[how], cancelled: false }
			: await this.cancel(address);
		if (cancelled) onCancelled?.();
		this.log.info(`stopped. Request ${address.requestId}: ${text}`, itemIndex);
	}
}
