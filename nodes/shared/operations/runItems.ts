import type { IExecuteFunctions, INodeExecutionData, NodeOutput } from 'n8n-workflow';
import pLimit from 'p-limit';
import { RunComfyError, type ErrorKind } from '../api/errors';
import { withAbort } from '../connection/linkedAbort';
import { isAgentTool, readsErrorsAsItems } from '../errors/agentTool';
import { errorItem } from '../errors/errorItem';
import { toNodeError } from '../errors/nodeError';
import { readMaximumConcurrency } from './readOptions';
import { Item } from '../parameters/item';
import type { OpenRequests } from '../requests/openRequests';
import type { MediaNode } from './mediaNode';
import { openRun, type OpenRun } from './openRun';
import type { ItemTask } from './operation';
import { operationNamed } from './operations';

const MOST_NAMES_IN_ERROR = 20;
/** How many items are read and checked at once: n8n's database store gives a file only as a whole. */
const PREPARED_AT_ONCE = 4;

/** How an item failed, and what of it must not appear in an error. */
interface Failure {
	error: unknown;
	privateTexts: string[];
}

type ItemFailure = Failure & { itemIndex: number };

type Outcome = { items: INodeExecutionData[] } | Failure;

/**
 * Runs the node for all its items: reads and checks every item first, then works on them side by side,
 * and answers in input order.
 *
 * @returns what came of all items, with an error item for each that failed when the node continues on
 * failures; when the execution is stopped, at once the request to be run again, while what is under way
 * is settled
 * @throws NodeOperationError of the first item that failed, unless the node continues; the others are
 * no longer waited for, and their request ids are in the error and in the execution's data
 */
export async function runItems(context: IExecuteFunctions, node: MediaNode): Promise<NodeOutput> {
	// A model that calls its tool again gets the request that it has made: telling it of an error is no output.
	const continueOnFail = context.continueOnFail() && !isAgentTool(context.getNode());
	const allFail = (error: unknown) =>
		context.getInputData().map((): Failure => ({ error, privateTexts: [] }));

	const run = await openRun(context, node, continueOnFail).catch((error: unknown) => ({ error }));
	if ('error' in run) {
		const failures = allFail(run.error);
		return continueOnFail
			? [asItems(context, node, failures)]
			: fail(context, node, { ...failures[0], itemIndex: 0 });
	}
	const { stop, requests, memory, log } = run;
	const outcomes = await withAbort(work(context, run, node, continueOnFail), stop.execution).catch(
		(error: unknown) => (stop.executionStopped ? undefined : allFail(error)),
	);
	stop.release();

	if (!outcomes) {
		void requests.settleAll();
		memory.close('not handed over');
		return runAgain(context, node);
	}
	const failure = continueOnFail ? undefined : firstFailure(outcomes);
	if (failure) {
		requests.leaveToNextTry(stop.execution);
		memory.close('not handed over');
		const error = withOthers(failure, outcomes, requests);
		return fail(context, node, { ...failure, error });
	}
	const items = asItems(context, node, outcomes);
	// n8n (2.41.1) checks only the first item to decide whether it drops all and runs the node again.
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
	const limit = pLimit(readMaximumConcurrency(new Item(context, 0)));
	const preparing = pLimit(PREPARED_AT_ONCE);
	const readInput = node.openInput(run);
	const prepare = async (itemIndex: number): Promise<ItemTask | Failure> => {
		try {
			return await operation.prepare(new Item(context, itemIndex), readInput);
		} catch (error) {
			return { error, privateTexts: [] };
		}
	};
	const tasks = await Promise.all(
		context.getInputData().map(async (_, index) => await preparing(prepare, index)),
	);
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
		// After a Stop too: n8n 2.41.1 starts the next try of Retry On Fail all the same, and what the last
		// one has left is to be settled. Nothing is sent any more.
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
function runAgain(context: IExecuteFunctions, { makes }: MediaNode): NodeOutput {
	if (!isAgentTool(context.getNode())) return { actions: [], metadata: {} };
	const site = { itemIndex: 0, makes, privateTexts: [] };
	throw toNodeError(context, new RunComfyError('stopped'), site);
}

/** Ends the run with the error of an item, in the way in which it reaches the user or the model. */
function fail(
	context: IExecuteFunctions,
	{ makes }: MediaNode,
	{ error, itemIndex, privateTexts }: ItemFailure,
): NodeOutput {
	const site = { itemIndex, makes, privateTexts };
	if (readsErrorsAsItems(context)) return [[errorItem(context, error, site)]];
	throw toNodeError(context, error, site);
}

/** The error of an item, with what has become of the requests of the others. */
function withOthers(
	{ error, itemIndex }: ItemFailure,
	outcomes: Outcome[],
	requests: OpenRequests,
): unknown {
	if (!(error instanceof RunComfyError)) return error;
	const unknown = outcomes.flatMap((outcome, index) =>
		index !== itemIndex && 'error' in outcome && isKind(outcome.error, 'outcomeUnknown')
			? [`item ${index}`]
			: [],
	);
	return error.with({
		alsoRunning: shortened(requests.idsExceptOf(itemIndex)),
		alsoUnknown: shortened(unknown),
	});
}

function shortened(names: string[]): string[] {
	const more = names.length - MOST_NAMES_IN_ERROR;
	const shown = names.slice(0, MOST_NAMES_IN_ERROR);
	return more > 0 ? [...shown, `and ${more} more in the log of n8n`] : shown;
}

function asItems(
	context: IExecuteFunctions,
	{ makes }: MediaNode,
	outcomes: Outcome[],
): INodeExecutionData[] {
	return outcomes.flatMap((outcome, itemIndex) => {
		if (!('error' in outcome)) return outcome.items;
		const { error, privateTexts } = outcome;
		return [errorItem(context, error, { itemIndex, makes, privateTexts })];
	});
}

/** The first item whose own fault ended the run; the others only say that they were stopped by it. */
function firstFailure(outcomes: Outcome[]): ItemFailure | undefined {
	const failed = outcomes.flatMap((outcome, itemIndex) =>
		'error' in outcome ? [{ ...outcome, itemIndex }] : [],
	);
	return failed.find(({ error }) => !isKind(error, 'stopped')) ?? failed[0];
}

function isKind(error: unknown, kind: ErrorKind): boolean {
	return error instanceof RunComfyError && error.kind === kind;
}
