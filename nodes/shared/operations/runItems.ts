import type { IExecuteFunctions, NodeOutput } from 'n8n-workflow';
import pLimit from 'p-limit';
import { invalidInput, RunComfyError } from '../api/errors';
import { readCredential, type ApiAccess } from '../connection/credential';
import { withAbort } from '../connection/linkedAbort';
import { isAgentTool, readsErrorsAsItems } from '../errors/agentTool';
import { NodeErrors, type ItemError } from '../errors/nodeErrors';
import { Item } from '../parameters/item';
import { RequestMemory } from '../requests/requestMemory';
import type { ItemTask, PaidInput } from './operation';
import { operationNamed, operations } from './operations';
import {
	maximumConcurrencyOption,
	maximumRequestsOption,
	readMaximum,
	readOptions,
} from './options';
import { firstFailure, isFailure, withOthers, type Outcome } from './outcomes';
import { readAsked, readIdentity } from './readIdentity';
import { resultHint } from './resultHint';
import { executionIdOf, Run, runIndexOf, type MediaNode } from './run';

/**
 * Runs the node for all its items: reads and checks them all, then works on them side by side, and answers in
 * input order. When the execution is stopped, answers at once, while what is under way is settled.
 *
 * @throws NodeOperationError of the first item that failed, unless the node continues; the request ids of the
 * others are in the error and in the execution's data
 */
export async function runItems(context: IExecuteFunctions, node: MediaNode): Promise<NodeOutput> {
	const errors = new NodeErrors(context, node.makes, node.target);
	// A model that calls its tool again gets the request that it has made: telling it of an error is no output.
	const continueOnFail = context.continueOnFail() && !isAgentTool(context.getNode());
	// Before anything that can fail: whatever ends this try, what earlier ones have left is not lost.
	const memory = new RequestMemory(context.getContext('node'), runIndexOf(context));
	const allFail = (error: unknown) =>
		itemsOf(context).map((item) => failEarly(item, error, node, memory, continueOnFail));

	const access = await readAccess(context, node).catch((error: unknown) => ({ error }));
	if ('error' in access) return handOver(allFail(access.error));

	const run = new Run(context, node, access, errors, continueOnFail, memory);
	const { stop } = run;
	const outcomes = await withAbort(workOnAll(context, run, node, access), stop.execution).catch(
		(error: unknown) => (stop.executionStopped ? undefined : allFail(error)),
	);
	stop.release();
	if (outcomes) return handOver(outcomes, run);
	void run.requests.settle();
	memory.close('not handed over');
	return runAgain(context, errors);

	function handOver(done: Outcome[], run?: Run): NodeOutput {
		const failure = continueOnFail ? undefined : firstFailure(done);
		if (failure) {
			run?.requests.leaveToNextTry(run.stop.execution);
			memory.close('not handed over');
			const { addresses } = run?.requests ?? memory;
			return fail(context, errors, withOthers(failure, done, addresses));
		}
		const items = done.flatMap((outcome) =>
			isFailure(outcome) ? [errors.toItem(outcome)] : outcome.items,
		);
		// n8n (2.41.1) checks only the first item to decide whether it drops all and runs the node again.
		const withError = Boolean(items[0]?.json.error);
		memory.close(withError ? 'handed over with an error' : 'handed over');
		run?.log.info(
			withError && context.getNode().retryOnFail === true
				? 'the first item has an error, so n8n may drop the output and run the node again'
				: `the output is handed over (${done.length} items)`,
		);
		const hint = resultHint(done, node.makes);
		if (hint) (context as Partial<IExecuteFunctions>).addExecutionHints?.(hint);
		return [items];
	}
}

async function readAccess(context: IExecuteFunctions, { target }: MediaNode): Promise<ApiAccess> {
	return readCredential(await context.getCredentials('runComfyApi'), target);
}

/** Sends nothing when one item is not right and the node does not continue. */
async function workOnAll(
	context: IExecuteFunctions,
	run: Run,
	node: MediaNode,
	{ baseUrl }: ApiAccess,
): Promise<Outcome[]> {
	const operation = operationNamed(context.getNodeParameter('operation', 0, ''));
	const items = itemsOf(context);
	const [first] = items;
	if (!first) return [];
	const given = readOptions(first, operation, operations, node.changes);
	const atOnce = readMaximum(maximumConcurrencyOption, given);
	const mostRequests = readMaximum(maximumRequestsOption, given);

	const readInput = async (item: Item): Promise<PaidInput> => {
		const input = await run.readInput(item);
		return { ...input, identity: readIdentity(item, node.inputFields, baseUrl, input) };
	};
	const read = { readInput, readAddress: run.readAddress };
	const tasks: Array<ItemTask | Outcome> = [];
	// One after the other: n8n's database store gives a file only as a whole.
	for (const item of items) {
		try {
			const options = readOptions(item, operation, operations, node.changes);
			tasks.push(await operation.prepare(item, options, read));
		} catch (error) {
			tasks.push(failEarly(item, error, node, run.memory, run.continueOnFail));
		}
	}
	refuseTooMany(run, items, tasks, mostRequests);
	if (!run.continueOnFail && tasks.some(isFailure)) {
		return tasks.map((task) => ('run' in task ? { items: [] } : task));
	}
	const limit = pLimit(atOnce);
	return await Promise.all(
		tasks.map(async (task, itemIndex) =>
			'run' in task ? await limit(async () => await workOn(run, task, itemIndex)) : task,
		),
	);
}

async function workOn(run: Run, task: ItemTask, itemIndex: number): Promise<Outcome> {
	const { stop, requests, continueOnFail } = run;
	try {
		// After a Stop too: n8n 2.41.1 starts the next try of Retry On Fail all the same, and what the last
		// one has left is to be settled. Nothing is sent any more.
		return { items: await task.run(run) };
	} catch (error) {
		const explained = await run.explained(error, itemIndex);
		if (!continueOnFail) stop.endWaits();
		return { itemIndex, error: explained, prompts: task.input?.prompts ?? [] };
	} finally {
		if (stop.executionStopped) await requests.settle(itemIndex);
	}
}

/**
 * What a stopped node gives to n8n (2.41.1), and at once, for an execution that has timed out is saved within a
 * few ms. After an error or an output its Retry would go on behind the node; without an answer it would do
 * nothing. A request to the engine without an action puts the node itself back among what is to be run.
 */
function runAgain(context: IExecuteFunctions, errors: NodeErrors): NodeOutput {
	if (!isAgentTool(context.getNode())) return { actions: [], metadata: {} };
	const error = new RunComfyError('stopped');
	throw errors.toNodeError({ itemIndex: 0, error, prompts: [] });
}

function fail(context: IExecuteFunctions, errors: NodeErrors, failure: ItemError): NodeOutput {
	if (readsErrorsAsItems(context.getNode())) return [[errors.toItem(failure)]];
	throw errors.toNodeError(failure);
}

/** Of an item that fails before it is known what would be sent: an earlier try may have sent it. */
function failEarly(
	item: Item,
	error: unknown,
	{ inputFields }: MediaNode,
	memory: RequestMemory,
	continueOnFail: boolean,
): Outcome {
	const failure: ItemError = { itemIndex: item.index, error, prompts: [] };
	const kept = memory.claim(item.index, readAsked(item, inputFields));
	if (kept?.status === 'sending') {
		return { ...failure, error: new RunComfyError('outcomeUnknown', kept.facts) };
	}
	if (kept?.status !== 'submitted' && kept?.status !== 'finished') return failure;
	const executionId = executionIdOf(item.context);
	if (continueOnFail && kept.status === 'finished' && kept.executionId === executionId) {
		return { items: kept.items };
	}
	return { ...failure, known: { ...kept.address, earlierTry: true } };
}

/** Makes failures of all that would be new when they are too many. */
function refuseTooMany(
	run: Run,
	items: Item[],
	tasks: Array<ItemTask | Outcome>,
	most: number,
): void {
	const fresh = items.filter((item) => {
		const task = tasks[item.index];
		return (
			task &&
			'run' in task &&
			task.input &&
			!run.memory.find(item.index, task.input.identity).request
		);
	});
	if (fresh.length <= most) return;
	const error = invalidInput(
		`This run would submit ${fresh.length} requests, but Maximum Requests is ${most}: raise it in Options if you mean to pay for all, or run fewer items`,
	);
	for (const { index } of fresh) tasks[index] = { itemIndex: index, error, prompts: [] };
}

function itemsOf(context: IExecuteFunctions): Item[] {
	return context.getInputData().map((_, index) => new Item(context, index));
}
