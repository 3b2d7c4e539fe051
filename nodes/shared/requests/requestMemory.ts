import { createHash } from 'node:crypto';
import type { IContextObject, INodeExecutionData } from 'n8n-workflow';
import type { Submission } from '../api/client';
import type { ErrorFacts } from '../api/errors';

/** What is kept of a paid request. `sending` that is found again means that its answer was lost. */
export type KeptRequest =
	| { state: 'sending'; facts?: ErrorFacts }
	| ({ state: 'submitted' } & Submission)
	| ({ state: 'finished' } & Submission & FinishedItems)
	| { state: 'failed'; kind: 'failed' | 'cancelled'; facts: ErrorFacts };

/** The items of a finished request, with files in n8n's store that belong to one execution. */
export interface FinishedItems {
	executionId: string;
	items: INodeExecutionData[];
}

/**
 * What makes two submits the same: all that a user would have to edit for another one. The values of
 * expressions do not count (`{{ $now }}` gives another one on every try), the expressions do.
 */
export interface RequestIdentity {
	/** The node's raw parameters that say what to generate. */
	parameters: unknown;
	/** The JSON of the item that they are for. */
	item: unknown;
	/** The files that go into it: n8n's IDs of them, or their contents. */
	files?: unknown;
	/** Which account: the credential and its API. */
	credential: unknown;
}

/** The place of one item in the memory, for this run alone until the memory is closed. */
export interface MemorySlot {
	/** What is kept of a request that an earlier try has made for the item. */
	readonly kept: KeptRequest | undefined;
	/** Whether it was already handed over as an item, so that this is n8n's own re-run of the node. */
	readonly handedOver: boolean;
	keep(request: KeptRequest): void;
	/** To be called when the request is known not to have been started, or to have ended without a result. */
	drop(): void;
}

/**
 * The paid requests of a node that it has not handed over as output yet, kept in the execution's own
 * data, so that n8n's Retry On Fail and its Retry of an execution find them: n8n 2.41.1 saves
 * `getContext('node')` with both.
 *
 * A try is not told by its run index: n8n 2.41.1 raises it with each try of a tool of an AI agent v2.
 * So a request is picked up when no run is using it and it was not handed over; in the same run
 * even when it was, because n8n runs a node again whose first item has an `error`.
 */
export interface RequestMemory {
	slot(itemIndex: number, identity: RequestIdentity): MemorySlot;
	/**
	 * Ends this run. What was handed over is forgotten, unless n8n may run the node again for an
	 * `error` in it; what was not is there for the next try.
	 */
	close(output: 'handed over' | 'handed over with an error' | 'not handed over'): void;
}

interface Entry {
	item: number;
	run: number;
	identity: string;
	request: KeptRequest;
	handedOver?: boolean;
}

/** Which entries a run under way is using: the runs of a node can overlap in an AI agent v2. */
const inHand = new WeakMap<IContextObject, Set<Entry>>();

/**
 * @param context the node's context object, which n8n saves with the execution and gives to all tries
 * and runs of the node
 * @param runIndex which run of the node this is within the execution
 */
export function createRequestMemory(context: IContextObject, runIndex: number): RequestMemory {
	const taken = inHand.get(context) ?? new Set<Entry>();
	inHand.set(context, taken);
	const mine = new Set<Entry>();
	const entries = () => (context.runcomfyRequests ?? []) as Entry[];
	const retain = (wanted: (entry: Entry) => boolean) =>
		void (context.runcomfyRequests = entries().filter(wanted));

	retain(({ handedOver, run }) => !handedOver || run === runIndex);
	const earlier = new Map<number, Entry[]>();
	for (const entry of entries()) {
		earlier.set(entry.item, [...(earlier.get(entry.item) ?? []), entry]);
	}

	function take(entry: Entry): Entry {
		entry.run = runIndex;
		taken.add(entry);
		mine.add(entry);
		return entry;
	}

	return {
		slot(itemIndex, parts) {
			const identity = hash(parts);
			const found = (earlier.get(itemIndex) ?? [])
				.filter((candidate) => candidate.identity === identity && !taken.has(candidate))
				.sort((one, other) => Number(other.run === runIndex) - Number(one.run === runIndex))
				.at(0);
			let entry = found && take(found);
			return {
				get kept() {
					return entry?.request;
				},
				get handedOver() {
					return entry?.handedOver === true;
				},
				keep(request) {
					if (entry) {
						entry.request = request;
						return;
					}
					entry = take({ item: itemIndex, run: runIndex, identity, request });
					entries().push(entry);
				},
				drop() {
					if (!entry) return;
					const dropped = entry;
					entry = undefined;
					taken.delete(dropped);
					mine.delete(dropped);
					retain((candidate) => candidate !== dropped);
				},
			};
		},
		close(output) {
			if (output === 'handed over') retain((entry) => !mine.has(entry));
			for (const entry of mine) {
				if (output === 'handed over with an error') entry.handedOver = true;
				taken.delete(entry);
			}
			mine.clear();
		},
	};
}

/** A hash, so that neither prompt nor item nor file is stored a second time. */
function hash(identity: RequestIdentity): string {
	return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
