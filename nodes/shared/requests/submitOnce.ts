import type { INodeExecutionData } from 'n8n-workflow';
import type { FindNamed, RunComfyClient, Submission } from '../api/client';
import { RunComfyError, type ErrorFacts } from '../api/errors';
import { stringifyExact } from '../api/exactJson';
import type { CallLimits, Clock } from '../api/http';
import { requestIdOf } from '../api/replies';
import type { RequestAddress } from '../api/routes';
import { redactFacts } from '../errors/redact';
import type { MemoryEntry, RequestIdentity, RequestMemory } from './requestMemory';
import type { RunLog } from './runLog';
import type { RunRequests } from './runRequests';
import type { Stop } from './stop';
import type { SubmitQueue } from './submitQueue';

const CHECK_FIRST =
	'check in RunComfy whether it has started before you run this again, or you may pay twice';
const FIND_NAMED_MS = 30_000;

export interface PaidRequest {
	itemIndex: number;
	model: string;
	input: object;
	load?: (() => Promise<object>) | undefined;
	/** Makes of the input, with its files, the body that is sent; the input itself by default. */
	asSent?: ((input: object) => object) | undefined;
	/** What the answer says besides what RunComfy does. */
	told?: object | undefined;
	/** The user's own texts in the input, which neither the log nor the execution's data gets. */
	prompts: string[];
	identity: RequestIdentity;
	cancelOnStop: boolean;
	limits: CallLimits;
}

export interface SubmittedRequest extends Submission {
	fresh: boolean;
	items?: INodeExecutionData[] | undefined;
	finish(items: INodeExecutionData[]): void;
	/**
	 * Notes how it went wrong, and throws the error on. A failed one is forgotten, so that a retry submits again; but
	 * kept when its error becomes an item, after which n8n (2.41.1) may run the node again by itself, without being asked.
	 */
	fail(error: unknown): never;
}

export interface SubmittingRun {
	client: Pick<RunComfyClient, 'submit' | 'status' | 'result' | 'addressOf' | 'about'>;
	clock: Clock;
	memory: RequestMemory;
	requests: RunRequests;
	queue: SubmitQueue;
	stop: Pick<Stop, 'signal' | 'endWaits'>;
	log: RunLog;
	executionId: string;
	continueOnFail: boolean;
}

/**
 * Submits the input of an item at most once in an execution: what an earlier try has submitted is picked up, unless
 * it has failed or been cancelled, and what was not answered is not sent again. Rejects as `RunComfyClient.submit`
 * and `SubmitQueue.run` do; with `failed` or `cancelled` where an earlier try has made an item of that error.
 */
export async function submitOnce(
	run: SubmittingRun,
	request: PaidRequest,
): Promise<SubmittedRequest> {
	const entry = run.memory.find(request.itemIndex, request.identity);
	const pickedUp = await pickUp(run, request, entry);
	if (pickedUp) return pickedUp;

	const { model, input, load, limits, asSent = (given) => given } = request;
	const submission = await run.queue.run({
		model,
		limits,
		withFiles: load !== undefined,
		// As bytes, for n8n (2.41.1) leaves out an object without a key, and axios a key called `constructor`.
		load: async () => Buffer.from(stringifyExact(asSent(load ? await load() : input))),
		send: async (body) => await send(run, request, entry, body),
		failed: () => !run.continueOnFail && run.stop.endWaits(),
	});
	return track(run, request, entry, submission);
}

async function pickUp(
	run: SubmittingRun,
	request: PaidRequest,
	entry: MemoryEntry,
): Promise<SubmittedRequest | undefined> {
	const { client, log, requests, stop } = run;
	const { itemIndex, limits } = request;
	const kept = entry.request;
	if (!kept) return undefined;
	if (kept.status === 'failed') {
		if (kept.executionId === run.executionId) throw new RunComfyError(kept.kind, kept.facts);
		// For a Retry, which means that this failure was never passed on.
		run.memory.forget(entry);
		return undefined;
	}
	if (kept.status === 'sending') {
		throw new RunComfyError('outcomeUnknown', kept.facts);
	}

	const pickedUp = { ...track(run, request, entry, kept), fresh: false };
	const { requestId } = kept.address;
	if (kept.status === 'finished') requests.end(requestId, 'completed');
	stop.signal.throwIfAborted();
	if (kept.status === 'finished') {
		log.info(`request ${requestId} was completed in an earlier try`, itemIndex);
		return { ...pickedUp, items: kept.executionId === run.executionId ? kept.items : undefined };
	}
	log.info(`request ${requestId} is picked up again`, itemIndex);
	// Not its status, which may be `completed` for a failed run too (RunComfy's documentation).
	const { state } = await client.result(kept.address, limits);
	if (entry.handedOver || (state !== 'failed' && state !== 'cancelled')) return pickedUp;
	log.info(`request ${requestId} was ${state}: submitting again`, itemIndex);
	requests.end(requestId, 'failed');
	run.memory.forget(entry);
	return undefined;
}

async function send(
	run: SubmittingRun,
	{ itemIndex, model, prompts, limits, cancelOnStop, told }: PaidRequest,
	entry: MemoryEntry,
	body: Buffer,
): Promise<Submission> {
	const { client, log, memory } = run;
	memory.save(entry, { status: 'sending', facts: client.about(model) });
	log.info(`submitting to ${model}`, itemIndex);
	const named: FindNamed = async (requestId, refusal) =>
		await findNamed(run, itemIndex, client.addressOf(model, requestId), refusal);
	const answer = await client.submit(model, body, limits, named).catch((error: unknown) => {
		if (!(error instanceof RunComfyError)) throw error;
		const { kind } = error;
		const facts = redactFacts(error.facts, prompts);
		if (kind === 'outcomeUnknown') {
			memory.save(entry, { status: 'sending', facts });
			const cause = facts.detail ?? 'no reply';
			log.warn(`the outcome of the submit is unknown (${cause}): ${CHECK_FIRST}`, itemIndex);
		} else {
			memory.forget(entry);
			log.info(`not submitted (${kind})`, itemIndex);
		}
		// It may refuse the other items too, which have other prompts.
		throw new RunComfyError(kind, facts);
	});
	const submission = { ...answer, body: { ...answer.body, ...told } };
	memory.save(entry, { status: 'submitted', cancelOnStop, ...submission });
	log.submitted(submission.address.requestId, itemIndex);
	return submission;
}

/**
 * The request that a refusal of a submit names, if RunComfy knows it and it is no other item's: gateways put ids of
 * their own there. Rejects with `outcomeUnknown` unless RunComfy has it, or says that there is none.
 */
async function findNamed(
	{ client, clock, log, requests }: SubmittingRun,
	itemIndex: number,
	address: RequestAddress,
	refusal: RunComfyError,
): Promise<Submission | undefined> {
	const { requestId } = address;
	log.warn(`the reply to the submit was an error that names request ${requestId}`, itemIndex);
	if (requests.addresses.some((known) => known.requestId === requestId)) return undefined;
	const doubt = (facts: ErrorFacts = {}) =>
		new RunComfyError('outcomeUnknown', { ...refusal.facts, ...facts, requestId });
	return await client.status(address, { deadline: clock.now() + FIND_NAMED_MS }).then(
		({ body }) => {
			if (requestIdOf(body) !== requestId) throw doubt();
			return { address, body: { ...body, request_id: requestId } };
		},
		(error: unknown) => {
			if (!(error instanceof RunComfyError)) throw error;
			const { kind } = error;
			if (kind === 'notFound' || (kind === 'unauthorized' && refusal.kind === kind))
				return undefined;
			throw doubt(error.facts);
		},
	);
}

function track(
	{ memory, requests, executionId, continueOnFail }: SubmittingRun,
	{ itemIndex, prompts, cancelOnStop }: PaidRequest,
	entry: MemoryEntry,
	{ address, body }: Submission,
): SubmittedRequest {
	requests.add({ itemIndex, address, cancelOnStop, entry });
	return {
		address,
		body,
		fresh: true,
		finish(items) {
			if (!items.every(isWhole)) return;
			memory.save(entry, { status: 'finished', cancelOnStop, address, body, executionId, items });
		},
		fail(error) {
			if (!(error instanceof RunComfyError)) throw error;
			const { kind } = error;
			const facts = redactFacts(error.facts, prompts);
			if (kind === 'failed' || kind === 'cancelled') {
				if (continueOnFail) memory.save(entry, { status: 'failed', executionId, kind, facts });
				else memory.forget(entry);
			}
			throw error;
		},
	};
}

function isWhole({ json, binary }: INodeExecutionData): boolean {
	return (
		json.error === undefined && Object.values(binary ?? {}).every(({ id }) => id !== undefined)
	);
}
