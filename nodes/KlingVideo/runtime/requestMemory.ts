import { createHash } from 'node:crypto';
import type { IContextObject } from 'n8n-workflow';
import type { ReplyBody } from '../api/replies';
import type { ErrorFacts } from '../api/errors';

/** What is kept of a paid request. `sending` that is found again means that its answer was lost. */
export type KeptRequest =
	| { state: 'sending' }
	| { state: 'submitted'; requestId: string; body: ReplyBody }
	| { state: 'failed'; kind: 'failed' | 'cancelled'; facts: ErrorFacts };

/**
 * The paid requests of one run of the node, kept in the execution's own data, so that n8n's Retry On
 * Fail and its Retry of an execution find them: n8n 2.41.1 saves `getContext('node')` with both.
 * One node context serves all runs of a node (loops), hence the run index in the key.
 */
export interface RequestMemory {
	/** What is kept for an item, if it was for the very same order. */
	find(itemIndex: number, order: Order): KeptRequest | undefined;
	keep(itemIndex: number, order: Order, request: KeptRequest): void;
	forget(itemIndex: number): void;
}

/** What makes two submits the same: where, which model, which input. */
export interface Order {
	baseUrl: string;
	model: string;
	input: object;
}

type Kept = { order: string; request: KeptRequest };

/**
 * @param context the node's context object, which n8n saves with the execution
 * @param runIndex which run of the node this is within the execution
 */
export function createRequestMemory(context: IContextObject, runIndex: number): RequestMemory {
	const all = (context.runcomfyRequests ??= {}) as Record<string, Kept>;
	const keyOf = (itemIndex: number) => `run ${runIndex}, item ${itemIndex}`;

	return {
		find(itemIndex, order) {
			const kept = all[keyOf(itemIndex)];
			return kept?.order === fingerprint(order) ? kept.request : undefined;
		},
		keep(itemIndex, order, request) {
			all[keyOf(itemIndex)] = { order: fingerprint(order), request };
		},
		forget(itemIndex) {
			delete all[keyOf(itemIndex)];
		},
	};
}

/** A hash, so that the prompt is not stored a second time. */
function fingerprint({ baseUrl, model, input }: Order): string {
	return createHash('sha256')
		.update(JSON.stringify([baseUrl, model, input]))
		.digest('hex');
}
