import type { IExecuteFunctions, INodeExecutionData, NodeOutput } from 'n8n-workflow';
import pLimit from 'p-limit';
import { RunComfyError } from '../api/errors';
import { withAbort } from '../connection/linkedAbort';
import { isAgentTool, readsErrorsAsItems } from '../errors/agentTool';
import { errorItem } from '../errors/errorItem';
import { toNodeError } from '../errors/nodeError';
import { readMaxConcurrency } from '../form/readOptions';
import type { MediaNode } from './mediaNode';
import { openRun, type OpenRun } from './openRun';
import type { ItemTask } from './operation';
import { operationNamed } from './operations';

const MOST_IDS_IN_ERROR = 20;

/** How an item went wrong, and what of it must not stand in an error. */
interface Failure {
	error: unknown;
	privateTexts: string[];
}

type Outcome = { items: INodeExecutionData[] } | Failure;

/**
 * Runs the node for all its items: reads and checks every item first, then works on them side by side,
 * and answers in input order.
 *
 * @returns what came of all items, with an error item for each that failed when the node continues on
 * failures; when the execution is stopped, at once the request to be run again, while what is under way
 * is settled
 * @throws NodeOperationError of the first item that failed, unless the node continues; the others are
 * no longer waited for, and their request ids stand in the error and in the execution's data
 */
export async function runItems(context: IExecuteFunctions, node: MediaNode): Promise<NodeOutput> {
	// A model that calls its tool again gets what it has ordered: to tell it of an error is no output.
	const continueOnFail = context.continueOnFail() && !isAgentTool(context.getNode());
	const allFail = (error: unknown) =>
		context.getInputData().map((): Failure => ({ error, privateTexts: [] }));

	const run = await openRun(context, node, continueOnFail).catch((error: unknown) => ({ error }));
	if ('error' in run) {
		const failures = allFail(run.error);
		return continueOnFail ? [asItems(context, failures)] : fail(context, failures[0], 0);
	}
	const { stop, requests, memory, log } = run;
	const outcomes = await withAbort(work(context, run, node, continueOnFail), stop.execution).catch(
		(error: unknown) => (stop.executionStopped ? undefined : allFail(error)),
	);
	stop.release();

	if (!outcomes) {
		void requests.settleAll();
		memory.close('not handed over');
		return runAgain(context);
	}
	const failure = continueOnFail ? undefined : firstFailure(outcomes);
	if (failure) {
		requests.leaveToNextTry(stop.execution);
		memory.close('not handed over');
		const { itemIndex } = failure;
		return fail(context, withOthers(failure, requests.idsExceptOf(itemIndex)), itemIndex);
	}
	const items = asItems(context, outcomes);
	// n8n (2.41.1) looks at the first item alone to decide whether it drops all and runs the node again.
	const withError = Boolean(items[0]?.json.error);
	memory.close(withError ? 'handed over with an error' : 'handed over');
	const dropped = withError && context.getNode().retryOnFail === true;
	log.info(
		dropped
			? 'the first item has an error, so n8n may drop the output and run the node again'
			: `the output is handed over (${outcomes.length} items)`,
	);
	return [items];
}

/**
 * @returns how each item ended; sends nothing when one is not right and the node does not continue
 * @throws RunComfyError `invalidInput` when what holds for all items is not right
 */
async function work(
	context: IExecuteFunctions,
	run: OpenRun,
	node: MediaNode,
	continueOnFail: boolean,
): Promise<Outcome[]> {
	const operation = operationNamed(context.getNodeParameter('operation', 0));
	const limit = pLimit(readMaxConcurrency(context));
	const tasks = context.getInputData().map((_, itemIndex): ItemTask | Failure => {
		try {
			return operation.prepare(context, itemIndex, node);
		} catch (error) {
			return { error, privateTexts: [] };
		}
	});
	if (!continueOnFail && tasks.some((task) => 'error' in task)) {
		return tasks.map((task) => ('error' in task ? task : { items: [] }));
	}
	return await Promise.all(
		tasks.map(async (task, itemIndex) =>
			'error' in task
				? task
				: await limit(async () => await attempt(run, task, itemIndex, continueOnFail)),
		),
	);
}

async function attempt(
	run: OpenRun,
	task: ItemTask,
	itemIndex: number,
	continueOnFail: boolean,
): Promise<Outcome> {
	const { stop, requests, token } = run;
	try {
		// Also the first thing of a new try: n8n 2.41.1 starts the next try of Retry On Fail after a Stop.
		stop.signal.throwIfAborted();
		return { items: await task.run(run) };
	} catch (error) {
		if (!continueOnFail) stop.endWaits();
		return { error, privateTexts: [token, ...(task.prompts ?? [])] };
	} finally {
		if (stop.executionStopped) await requests.settle(itemIndex);
	}
}

/**
 * What a node that was stopped gives to n8n, and at once: for n8n (2.41.1) saves an execution that has
 * timed out within a few ms, without what is running. After an error or an output, its Retry would go on
 * behind the node, on the rows that came in or on nothing; after no answer in time it would do nothing,
 * and call that a success. A request to the engine without a single action puts the node itself back
 * among what is to be run, whatever its settings for errors are, and the stop keeps it from being run
 * before there is a Retry.
 */
function runAgain(context: IExecuteFunctions): NodeOutput {
	if (!isAgentTool(context.getNode())) return { actions: [], metadata: {} };
	throw toNodeError(context, new RunComfyError('stopped'), 0, []);
}

/** Ends the run with the error of an item, in the way in which it reaches the user or the model. */
function fail(
	context: IExecuteFunctions,
	{ error, privateTexts }: Failure,
	itemIndex: number,
): NodeOutput {
	if (readsErrorsAsItems(context)) return [[errorItem(context, error, itemIndex, privateTexts)]];
	throw toNodeError(context, error, itemIndex, privateTexts);
}

function withOthers({ error, privateTexts }: Failure, ids: string[]): Failure {
	if (!(error instanceof RunComfyError)) return { error, privateTexts };
	const more = ids.length - MOST_IDS_IN_ERROR;
	const shown = ids.slice(0, MOST_IDS_IN_ERROR);
	const alsoRunning = more > 0 ? [...shown, `and ${more} more in the log of n8n`] : shown;
	return { error: error.with({ alsoRunning }), privateTexts };
}

function asItems(context: IExecuteFunctions, outcomes: Outcome[]): INodeExecutionData[] {
	return outcomes.flatMap((outcome, itemIndex) =>
		'error' in outcome
			? [errorItem(context, outcome.error, itemIndex, outcome.privateTexts)]
			: outcome.items,
	);
}

/** The first item whose own fault ended the run; the others only say that they were stopped by it. */
function firstFailure(outcomes: Outcome[]): (Failure & { itemIndex: number }) | undefined {
	const failed = outcomes.flatMap((outcome, itemIndex) =>
		'error' in outcome ? [{ ...outcome, itemIndex }] : [],
	);
	return failed.find(({ error }) => !isStopped(error)) ?? failed[0];
}

function isStopped(error: unknown): boolean {
	return error instanceof RunComfyError && error.kind === 'stopped';
}
