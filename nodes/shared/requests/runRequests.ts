import type { IContextObject } from 'n8n-workflow';
import type { RequestAddress } from '../api/client';
import { onAbort } from '../connection/linkedAbort';
import type { StopOutcome } from './cancelOnStop';
import { OUTCOME_WITHOUT_CANCEL } from './requestOutcome';
import type { RunLog } from './runLog';

interface RunRequest {
	itemIndex: number;
	address: RequestAddress;
	cancelOnStop: boolean;
	/** Told when it was cancelled, so that the next try does not wait for it. */
	onCancelled?: () => void;
	ended?: 'completed' | 'failed' | undefined;
}

/** What the tries of an execution share, by request id. */
interface Shared {
	/** How to call off the watch over a request that waits for its next try. */
	waiting: Map<string, () => void>;
	settled: Map<string, Promise<void>>;
}

const sharedBy = new WeakMap<IContextObject, Shared>();

/** The requests of one run by request id: what a Stop has to settle, and an error has to name. */
export class RunRequests {
	readonly #requests = new Map<string, RunRequest>();
	readonly #shared: Shared;

	/** @param cancel is also given how many requests the run has */
	constructor(
		context: IContextObject,
		private readonly cancel: (address: RequestAddress, ofAll: number) => Promise<StopOutcome>,
		private readonly log: Pick<RunLog, 'info'>,
	) {
		this.#shared = sharedBy.get(context) ?? { waiting: new Map(), settled: new Map() };
		sharedBy.set(context, this.#shared);
	}

	/** One that an earlier try has left, and that no item of this run has picked up yet. */
	know(request: RunRequest): void {
		this.#requests.set(request.address.requestId, { ...request });
	}

	add(request: RunRequest): void {
		this.#shared.waiting.get(request.address.requestId)?.();
		this.know(request);
	}

	end(requestId: string, how: 'completed' | 'failed'): void {
		const request = this.#requests.get(requestId);
		if (request) request.ended = how;
	}

	/** The ids of all that a next try can pick up, but one. */
	idsExcept(requestId: string | undefined): string[] {
		return [...this.#requests]
			.filter(([id, { ended }]) => id !== requestId && ended !== 'failed')
			.map(([id]) => id);
	}

	/**
	 * After a Stop: cancels the requests of an item if they may still be queued, and logs what became of them.
	 * Does so once, however often it is called, and in which try.
	 */
	async settle(itemIndex: number): Promise<void> {
		const own = [...this.#requests.values()].filter((request) => request.itemIndex === itemIndex);
		await Promise.all(own.map(async (request) => await this.#settleOnce(request)));
	}

	async settleAll(): Promise<void> {
		await Promise.all(
			[...this.#requests.values()].map(async (request) => await this.#settleOnce(request)),
		);
	}

	/**
	 * For a run that ends without output: the requests wait for a next try, and are settled when the
	 * execution is stopped before there is one.
	 */
	leaveToNextTry(execution: AbortSignal | undefined): void {
		const { waiting } = this.#shared;
		for (const [requestId, request] of this.#requests) {
			if (request.ended || waiting.has(requestId)) continue;
			const release = onAbort(execution, () => void this.#settleOnce(request));
			waiting.set(requestId, () => {
				release();
				waiting.delete(requestId);
			});
		}
	}

	async #settleOnce(request: RunRequest): Promise<void> {
		const { settled } = this.#shared;
		const { requestId } = request.address;
		const settling = settled.get(requestId) ?? this.#settleNow(request);
		settled.set(requestId, settling);
		await settling;
	}

	async #settleNow({ itemIndex, address, ...request }: RunRequest): Promise<void> {
		const how = request.ended ?? (request.cancelOnStop ? undefined : 'leftAlone');
		const { text, cancelled } = how
			? { text: OUTCOME_WITHOUT_CANCEL[how], cancelled: false }
			: await this.cancel(address, this.#requests.size);
		if (cancelled) request.onCancelled?.();
		this.log.info(`stopped. Request ${address.requestId}: ${text}`, itemIndex);
	}
}
