import type { IContextObject, INodeExecutionData } from 'n8n-workflow';
import type { Submission } from '../api/client';
import type { ErrorFacts } from '../api/errors';
import type { RequestAddress } from '../api/routes';

export type KeptRequest =
	| { status: 'sending'; facts?: ErrorFacts }
	| ({ status: 'submitted'; cancelOnStop: boolean } & Submission)
	| ({ status: 'finished'; cancelOnStop: boolean } & Submission & FinishedItems)
	| { status: 'failed'; executionId: string; kind: 'failed' | 'cancelled'; facts: ErrorFacts };

interface FinishedItems {
	executionId: string;
	items: INodeExecutionData[];
}

export interface RequestIdentity {
	/** What the user has filled in, for which item, with which credential: known before anything is read. */
	asked: string;
	/** What came of it: where it is sent, with which files. */
	sent: string;
	/** The same object for all tries of one call of a tool. */
	call?: object | undefined;
}

export interface MemoryEntry {
	readonly item: number;
	run: number;
	readonly asked: string;
	readonly sent: string;
	request?: KeptRequest | undefined;
	handedOver?: boolean;
}

/** Which run under way uses an entry: the runs of a node can overlap in an AI agent v2. */
const usedBy = new WeakMap<MemoryEntry, RequestMemory>();
const madeForCall = new WeakMap<MemoryEntry, object>();

/**
 * The paid requests of a node that it has not handed over as output yet, in `getContext('node')`, which n8n (2.41.1)
 * keeps for its Retry On Fail and its Retry of an execution.
 *
 * A try is not told by its run index, which n8n raises with each try of a tool of an AI agent v2. So a request is
 * picked up when no run is using it and it was not handed over; in the same run even when it was, for n8n runs a
 * node again whose first item has an `error`.
 */
export class RequestMemory {
	/** What was left when this run began: what another one leaves meanwhile is that one's. */
	readonly #earlier: Set<MemoryEntry>;

	constructor(
		private readonly context: IContextObject,
		private readonly runIndex: number,
	) {
		this.#retain(({ handedOver, run }) => !handedOver || run === runIndex);
		this.#earlier = new Set(this.#entries);
	}

	get left(): MemoryEntry[] {
		return this.#entries.filter((entry) => this.#earlier.has(entry) && !usedBy.has(entry));
	}

	get addresses(): RequestAddress[] {
		return this.#entries.flatMap(({ request }) =>
			request && 'address' in request ? [request.address] : [],
		);
	}

	/** For an item that fails before it is known what would be sent. */
	claim(item: number, asked: string): KeptRequest | undefined {
		const entry = this.left.find((left) => left.item === item && left.asked === asked);
		if (entry) usedBy.set(entry, this);
		return entry?.request;
	}

	/** What an earlier try has left of an item, or a new entry; no other run gets it before this one closes. */
	find(item: number, { asked, sent, call }: RequestIdentity): MemoryEntry {
		const isOfCall = (entry: MemoryEntry) => call !== undefined && madeForCall.get(entry) === call;
		const left = this.#entries.filter(
			(entry) =>
				this.#earlier.has(entry) &&
				entry.item === item &&
				((entry.asked === asked && entry.sent === sent) || isOfCall(entry)) &&
				(usedBy.get(entry) ?? this) === this,
		);
		const entry = left.find(isOfCall) ??
			left.find(({ run }) => run === this.runIndex) ??
			left[0] ?? { item, run: this.runIndex, asked, sent };
		entry.run = this.runIndex;
		usedBy.set(entry, this);
		if (call) madeForCall.set(entry, call);
		return entry;
	}

	save(entry: MemoryEntry, request: KeptRequest): void {
		if (!entry.request) this.context.runcomfyRequests = [...this.#entries, entry];
		entry.request = request;
	}

	forget(entry: MemoryEntry): void {
		delete entry.request;
		delete entry.handedOver;
		this.#retain((candidate) => candidate !== entry);
	}

	/** What was handed over is forgotten, unless n8n may run the node again for an `error` in it. */
	close(output: 'handed over' | 'handed over with an error' | 'not handed over'): void {
		const own = this.#entries.filter((entry) => usedBy.get(entry) === this);
		if (output === 'handed over') this.#retain((entry) => !own.includes(entry));
		for (const entry of own) {
			if (output === 'handed over with an error') entry.handedOver = true;
			usedBy.delete(entry);
		}
	}

	get #entries(): MemoryEntry[] {
		return (this.context.runcomfyRequests ?? []) as MemoryEntry[];
	}

	#retain(wanted: (entry: MemoryEntry) => boolean): void {
		this.context.runcomfyRequests = this.#entries.filter(wanted);
	}
}
