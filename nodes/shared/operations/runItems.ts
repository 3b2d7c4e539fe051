import type { IExecuteFunctions, INodeExecutionData, NodeOutput } from 'n8n-workflow';
import pLimit from 'p-limit';
import { RunComfyError } from '../api/errors';
import { readCredential } from '../connection/credential';
import { withAbort } from '../connection/linkedAbort';
import { isAgentTool, readsErrorsAsItems } from '../errors/agentTool';
import { NodeErrors, type ItemError } from '../errors/nodeErrors';
import { Item } from '../parameters/item';
import type { MediaNode } from './mediaNode';
import type { ItemTask } from './operation';
import { operationNamed, operations } from './operations';
import { readMaximumConcurrency, readOptions } from './options';
import { firstFailure, isFailure, withOthers, type Outcome } from './outcomes';
import { Run } from './run';

/**
 * Runs the node for all its items: reads and checks every item first, then works on them side by side, and
 * answers in input order, with an error item for each that failed when the node continues. When the execution
 * is stopped, answers at once, while what is under way is settled.
 *
 * @throws NodeOperationError of the first item that failed, unless the node continues; the request ids of the
 * others are in the error and in the execution's data
 */
export async function runItems(context: IExecuteFunctions, node: MediaNode): Promise<NodeOutput> {
	const errors = new NodeErrors(context, node.makes);
	// A model that calls its tool again gets the request that it has made: telling it of an error is no output.
	const continueOnFail = context.continueOnFail() && !isAgentTool(context.getNode());
	const run = await startRun(context, node, errors, continueOnFail).catch((error: unknown) => ({
		error,
	}));
	if ('error' in run) {
		const failures = allFail(context, run.error);
		return continueOnFail
			? [asItems(errors, failures)]
			: fail(context, errors, { itemIndex: 0, error: run.error, prompts: [] });
	}

	const { stop, requests, memory, log } = run;
	const outcomes = await withAbort(workOnAll(context, run, node), stop.execution).catch(
		(error: unknown) => (stop.executionStopped ? undefined : allFail(context, error)),
	);
	stop.release();

	if (!outcomes) {
		void requests.settleAll();
		memory.close('not handed over');
		return runAgain(context, errors);
	}
	const failure = continueOnFail ? undefined : firstFailure(outcomes);
	if (failure) {
		requests.leaveToNextTry(stop.execution);
		memory.close('not handed over');
		return fail(context, errors, { ...failure, error: withOthers(failure, outcomes, requests) });
	}
	const items = asItems(errors, outcomes);
	// n8n (2.41.1) checks only the first item to decide whether it drops all and runs the node again.
	const withError = Boolean(items[0]?.json.error);
	memory.close(withError ? 'handed over with an error' : 'handed over');
	log.info(
		withError && context.getNode().retryOnFail === true
			? 'the first item has an error, so n8n may drop the output and run the node again'
			: `the output is handed over (${outcomes.length} items)`,
	);
	return [items];
}

async function startRun(
	context: IExecuteFunctions,
	node: MediaNode,
	errors: NodeErrors,
	continueOnFail: boolean,
): Promise<Run> {
	const access = readCredential(await context.getCredentials('runComfyApi'));
	return new Run(context, node, access, errors, continueOnFail);
}

/** Sends nothing when one item is not right and the node does not continue. */
async function workOnAll(
	context: IExecuteFunctions,
	run: Run,
	node: MediaNode,
): Promise<Outcome[]> {
	const operation = operationNamed(context.getNodeParameter('operation', 0));
	const items = context.getInputData().map((_, index) => new Item(context, index));
	const [first] = items;
	if (!first) return [];
	const atOnce = readMaximumConcurrency(readOptions(first, operation, operations));

	const readInput = node.openInput(run);
	const tasks: Array<ItemTask | ItemError> = [];
	// One after the other: n8n's database store gives a file only as a whole.
	for (const item of items) {
		try {
			const options = readOptions(item, operation, operations);
			tasks.push(await operation.prepare(item, options, readInput));
		} catch (error) {
			tasks.push({ itemIndex: item.index, error, prompts: [] });
		}
	}
	if (!run.continueOnFail && tasks.some(isFailure)) {
		return tasks.map((task) => (isFailure(task) ? task : { items: [] }));
	}
	const limit = pLimit(atOnce);
	return await Promise.all(
		tasks.map(async (task, itemIndex) =>
			isFailure(task) ? task : await limit(async () => await workOn(run, task, itemIndex)),
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
		if (!continueOnFail) stop.endWaits();
		return { itemIndex, error, prompts: task.prompts ?? [] };
	} finally {
		if (stop.executionStopped) await requests.settle(itemIndex);
	}
}

/**
 * What a stopped node gives to n8n, and at once: n8n (2.41.1) saves an execution that has timed out within a
 * few ms. After an error or an output its Retry would go on behind the node; after no answer in time it would
 * do nothing, and call that a success. A request to the engine without a single action puts the node itself
 * back among what is to be run, whatever its settings for errors are.
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

function allFail(context: IExecuteFunctions, error: unknown): ItemError[] {
	return context.getInputData().map((_, itemIndex) => ({ itemIndex, error, prompts: [] }));
}

function asItems(errors: NodeErrors, outcomes: Outcome[]): INodeExecutionData[] {
	return outcomes.flatMap((outcome) =>
		isFailure(outcome) ? [errors.toItem(outcome)] : outcome.items,
	);
}
