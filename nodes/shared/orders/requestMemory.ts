import { createHash } from 'node:crypto';
import type { IContextObject } from 'n8n-workflow';
import type { Submission } from '../api/client';
import type { ErrorFacts } from '../api/errors';

/** What is kept of a paid request. `sending` that is found again means that its answer was lost. */
export type KeptRequest =
	| { state: 'sending' }
	| ({ state: 'submitted' } & Submission)
	| { state: 'failed'; kind: 'failed' | 'cancelled'; facts: ErrorFacts };

/** What makes two submits the same: where, which model, which input. */
export interface RequestIdentity {
	baseUrl: string;
	model: string;
	input: object;
}

/** The place of one item in the memory. */
export interface MemorySlot {
	/** What is kept for the item, if it was for the very same input. */
	readonly kept: KeptRequest | undefined;
	keep(request: KeptRequest): void;
	forget(): void;
}

/**
 * The paid requests of one run of the node, kept in the execution's own data, so that n8n's Retry On
 * Fail and its Retry of an execution find them: n8n 2.41.1 saves `getContext('node')` with both.
 * One node context serves all runs of a node (loops), hence the run index in the key.
 */
export interface RequestMemory {
	slot(itemIndex: number, identity: RequestIdentity): MemorySlot;
}

interface Entry {
	fingerprint: string;
	request: KeptRequest;
}

/**
 * @param context the node's context object, which n8n saves with the execution
 * @param runIndex which run of the node this is within the execution
 */
export function createRequestMemory(context: IContextObject, runIndex: number): RequestMemory {
	const entries: Record<string, Entry> = (context.runcomfyRequests ??= {});

	return {
		slot(itemIndex, identity) {
			const key = `run ${runIndex}, item ${itemIndex}`;
			const fingerprint = fingerprintOf(identity);
			return {
				get kept() {
					const entry = entries[key];
					return entry?.fingerprint === fingerprint ? entry.request : undefined;
				},
				keep: (request) => void (entries[key] = { fingerprint, request }),
				forget: () => void delete entries[key],
			};
		},
	};
}

/** A hash, so that the prompt is not stored a second time. */
function fingerprintOf({ baseUrl, model, input }: RequestIdentity): string {
	return createHash('sha256')
		.update(JSON.stringify([baseUrl, model, input]))
		.digest('hex');
}
