import { createHash } from 'node:crypto';
import type { IContextObject, INodeExecutionData } from 'n8n-workflow';
import type { Submission } from '../api/client';
import type { ErrorFacts } from '../api/errors';

/** A paid request as the memory keeps it. `sending` that is found again means that its answer was lost. */
export type KeptRequest =
	| { status: 'sending'; facts?: ErrorFacts }
	| ({ status: 'submitted' } & Submission)
	| ({ status: 'finished' } & Submission & FinishedItems)
	| { status: 'failed'; kind: 'failed' | 'cancelled'; facts: ErrorFacts };

interface FinishedItems {
	executionId: string;
	items: INodeExecutionData[];
}

/**
 * What makes two submits the same. The values of expressions do not count (`{{ $now }}` gives another one on
 * every try), the expressions do.
 */
export interface RequestIdentity {
	parameters: unknown;
	item: unknown;
	/** n8n's IDs of them, or their contents. */
	files?: unknown;
	credential: unknown;
}

export interface MemoryEntry {
	readonly item: number;
	run: number;
	readonly identity: string;
	request?: KeptRequest | undefined;
	/** Whether an earlier try has output it: n8n then runs the node again by itself. */
	handedOver?: boolean;
}

/** Which run under way uses an entry: the runs of a node can overlap in an AI agent v2. */
const usedBy = new WeakMap<MemoryEntry, RequestMemory>();

/**
 * The paid requests of a node that it has not handed over as output yet, kept in the execution's own
 * data, so that n8n's Retry On Fail and its Retry of an execution find them: n8n 2.41.1 saves
 * `getContext('node')` with both.
 *
 * A try is not told by its run index: n8n 2.41.1 raises it with each try of a tool of an AI agent v2.
 * So a request is picked up when no run is using it and it was not handed over; in the same run
 * even when it was, because n8n runs a node again whose first item has an `error`.
 */
export class RequestMemory {
	readonly #earlier: MemoryEntry[];

	constructor(
		private readonly context: IContextObject,
		private readonly runIndex: number,
	) {
		this.#retain(({ handedOver, run }) => !handedOver || run === runIndex);
		this.#earlier = this.#entries;
	}

	/** What an earlier try has left of an item, or a new entry; no other run gets it before this one closes. */
	find(item: number, identity: RequestIdentity): MemoryEntry {
		const hash = hashOf(identity);
		const left = this.#earlier.filter(
			(entry) => entry.item === item && entry.identity === hash && !usedBy.has(entry),
		);
		const entry = left.find(({ run }) => run === this.runIndex) ??
			left[0] ?? { item, run: this.runIndex, identity: hash };
		entry.run = this.runIndex;
		usedBy.set(entry, this);
		return entry;
	}

	save(entry: MemoryEntry, request: KeptRequest): void {
		if (!entry.request) this.context.runcomfyRequests = [...this.#entries, entry];
		entry.request = request;
	}

	/** For a request that is known not to have been started, or to have ended without a result. */
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

function hashOf(identity: RequestIdentity): string {
	return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
