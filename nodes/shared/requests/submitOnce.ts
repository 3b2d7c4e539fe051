import type { INodeExecutionData } from 'n8n-workflow';
import pLimit from 'p-limit';
import type { CallWatch } from '../api/call';
import type { RunComfyClient, Submission } from '../api/client';
import { RunComfyError, type ErrorKind } from '../api/errors';
import type { CallLimits, Clock } from '../api/http';
import { requestIdOf } from '../api/replies';
import type { OpenRequests } from './openRequests';
import type { MemorySlot, RequestIdentity, RequestMemory } from './requestMemory';
import type { RunLog } from './runLog';
import type { Stop } from './stop';
import { createSubmitQueue } from './submitQueue';

/**
 * How many requests with files are loaded and sent at once. Each takes several times its size of memory
 * until it is answered, and to upload them side by side is no faster.
 */
const LOADED_AT_ONCE = 1;

const CHECK_FIRST = 'check Generations in RunComfy before you run this again, or you may pay twice';

/** How long RunComfy is asked for a request that an error names, in ms. */
const FIND_NAMED_MS = 30_000;

/** What makes RunComfy refuse every request of an account. */
const REFUSES_ACCOUNT: readonly ErrorKind[] = ['unauthorized', 'insufficientBalance'];
const ACCOUNT = '';

/** What one item asks for, checked and ready to send: a paid request. */
export interface ItemInput {
	itemIndex: number;
	model: string;
	input: object;
	/** Gives the input with its files, for those that have any. */
	load?(): Promise<object>;
	/** What tells that an earlier try has asked for the same. */
	identity: RequestIdentity;
	cancelOnStop: boolean;
	/** `deadline` bounds how long the submit may be held back. */
	limits: CallLimits;
}

/** A submitted request. */
export interface Submitted extends Submission {
	/** False when it was picked up from an earlier try. */
	fresh: boolean;
	/** What an earlier try of this execution has made of it, files in n8n's store included. */
	items?: INodeExecutionData[];
	/** Notes what was made of it, so that a next try need not download it again. */
	finish(items: INodeExecutionData[]): void;
	/**
	 * Notes how the request went wrong, and throws the error on. One that has failed or was cancelled is
	 * forgotten, so that a retry submits again; but when the failure is handed on as an item it is an
	 * answer, and kept: n8n (2.41.1) runs a node with Retry On Fail again when its first item has an
	 * `error`, and that must not pay a second time.
	 */
	fail(error: unknown): never;
}

/**
 * Submits the input of an item at most once in an execution. What an earlier try has submitted is
 * picked up, unless it is known to have failed or been cancelled; what was sent and not answered is
 * not sent again.
 *
 * Rejects as `RunComfyClient.submit`, and with `stopped`; `failed` or `cancelled` for a request whose
 * failure was already handed on as an item.
 */
export type SubmitOnce = (item: ItemInput) => Promise<Submitted>;

export interface SubmitParts {
	client: Pick<RunComfyClient, 'submit' | 'status'>;
	clock: Clock;
	memory: RequestMemory;
	requests: OpenRequests;
	stop: Pick<Stop, 'signal' | 'endWaits'>;
	log: RunLog;
	executionId: string;
	/** Whether a failed item becomes an item, so that the others go on. */
	continueOnFail: boolean;
}

export function createSubmitOnce(parts: SubmitParts): SubmitOnce {
	const { client, clock, memory, requests, stop, log, executionId, continueOnFail } = parts;
	const queue = createSubmitQueue(clock);
	const loading = pLimit(LOADED_AT_ONCE);
	/** Refusals that hold for all items of a model, or of the account, while none was taken. */
	const refusals = new Map<string, RunComfyError>();
	let anyTaken = false;

	return async (item) => {
		const slot = memory.slot(item.itemIndex, item.identity);
		return (
			(await pickUp(item, slot)) ??
			(await queue.run(item.limits, async (watch) =>
				item.load
					? await loading(async () => await submitOrEnd(item, slot, watch))
					: await submitOrEnd(item, slot, watch),
			))
		);
	};

	/** Ends the run before the place of a submit that has failed is the next one's. */
	async function submitOrEnd(...args: Parameters<typeof submit>): Promise<Submitted> {
		return await submit(...args).catch((error: unknown) => {
			if (!continueOnFail) stop.endWaits();
			throw error;
		});
	}

	async function pickUp(item: ItemInput, slot: MemorySlot): Promise<Submitted | undefined> {
		const { itemIndex, model, limits } = item;
		const { kept } = slot;
		if (!kept) return undefined;
		if (kept.state === 'failed') throw new RunComfyError(kept.kind, kept.facts);
		if (kept.state === 'sending') {
			throw new RunComfyError('outcomeUnknown', { model, ...kept.facts });
		}

		const picked = { ...track(item, slot, kept), fresh: false };
		if (kept.state === 'finished') requests.end(itemIndex, 'completed');
		stop.signal.throwIfAborted();
		if (kept.state === 'finished') {
			log.info(`request ${kept.requestId} was completed in an earlier try`, itemIndex);
			return kept.executionId === executionId ? { ...picked, items: kept.items } : picked;
		}
		log.info(`request ${kept.requestId} is picked up again`, itemIndex);
		const { state } = await client.status(kept.requestId, limits);
		if ((state === 'failed' || state === 'cancelled') && !slot.handedOver) {
			log.info(`request ${kept.requestId} was ${state}: submitting again`, itemIndex);
			requests.end(itemIndex, 'failed');
			slot.drop();
			return undefined;
		}
		return picked;
	}

	async function submit(item: ItemInput, slot: MemorySlot, watch: CallWatch): Promise<Submitted> {
		const { itemIndex, model, limits } = item;
		stop.signal.throwIfAborted();
		if (clock.now() >= limits.deadline) throw new RunComfyError('notSubmitted', { model });
		const refusal = refusals.get(ACCOUNT) ?? refusals.get(model);
		if (refusal) throw refusal;
		const input = item.load ? await item.load() : item.input;
		stop.signal.throwIfAborted();

		slot.keep({ state: 'sending' });
		log.info(`submitting to ${model}`, itemIndex);
		const post = client.submit(model, input, limits, watch);
		const submission = await post.catch(async (error: unknown) => {
			if (!(error instanceof RunComfyError)) throw error;
			const { kind, facts } = error;
			if (kind === 'outcomeUnknown') {
				const named = await findNamed(item, facts.requestId);
				if (named) return named;
				slot.keep({ state: 'sending', facts });
				const cause = facts.detail ?? 'no reply';
				log.warn(`the outcome of the submit is unknown (${cause}): ${CHECK_FIRST}`, itemIndex);
			} else {
				log.info(`not submitted (${kind})`, itemIndex);
				slot.drop();
				if (!anyTaken) noteRefusal(model, error);
			}
			throw error;
		});
		anyTaken = true;
		slot.keep({ state: 'submitted', ...submission });
		log.info(`request ${submission.requestId} is submitted`, itemIndex);
		return track(item, slot, submission);
	}

	/**
	 * The request that an error names as taken, if RunComfy knows it: gateways put ids of their own there.
	 * It belongs to the answer of the POST, so that nothing but its own bound ends it.
	 */
	async function findNamed(
		{ itemIndex }: ItemInput,
		requestId: string | undefined,
	): Promise<Submission | undefined> {
		if (requestId === undefined) return undefined;
		log.warn(`the reply to the submit was an error that names request ${requestId}`, itemIndex);
		return await client.status(requestId, { deadline: clock.now() + FIND_NAMED_MS }).then(
			({ body }) =>
				requestIdOf(body) === requestId
					? { requestId, body: { ...body, request_id: requestId } }
					: undefined,
			() => undefined,
		);
	}

	function noteRefusal(model: string, error: RunComfyError): void {
		if (REFUSES_ACCOUNT.includes(error.kind)) refusals.set(ACCOUNT, error);
		if (error.kind === 'notFound') refusals.set(model, error);
	}

	function track(
		{ itemIndex, cancelOnStop }: ItemInput,
		slot: MemorySlot,
		{ requestId, body }: Submission,
	): Submitted {
		requests.add(itemIndex, { requestId, cancelOnStop, onCancelled: slot.drop });
		return {
			requestId,
			body,
			fresh: true,
			finish(items) {
				const whole = items.every(({ json, binary }) => {
					const stored = Object.values(binary ?? {}).every(({ id }) => id !== undefined);
					return stored && json.error === undefined;
				});
				if (whole) slot.keep({ state: 'finished', requestId, body, executionId, items });
			},
			fail(error) {
				if (error instanceof RunComfyError) {
					const { kind, facts } = error;
					if (kind === 'failed' || kind === 'cancelled') {
						if (continueOnFail) slot.keep({ state: 'failed', kind, facts });
						else slot.drop();
					}
				}
				throw error;
			},
		};
	}
}
