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
 * failures; when the execution was stopped, the request to be run again
 * @throws NodeOperationError of the first item that failed, unless the node continues; the others are
 * no longer waited for, and their request ids stand in the error and in the execution's data. Also
 * when the execution was stopped and the node is the tool of an agent
 */
export async function runItems(context: IExecuteFunctions, node: MediaNode): Promise<NodeOutput> {
	// A model that calls its tool again gets what it has ordered: to tell it of an error is no output.
	const continueOnFail = context.continueOnFail() && !isAgentTool(context.getNode());
	const execution = context.getExecutionCancelSignal();
	const attempts = attemptAll(context, node, continueOnFail).catch((error: unknown) =>
		context.getInputData().map((): Outcome => ({ error, privateTexts: [] })),
	);
	// What the items have to settle after a Stop goes on behind it.
	const outcomes = await withAbort(attempts, execution).catch(() => undefined);
	if (!outcomes) return runAgain(context);
	const failure =
		continueOnFail || readsErrorsAsItems(context) ? undefined : firstFailure(outcomes);
	if (failure) throw toNodeError(context, failure.error, failure.itemIndex, failure.privateTexts);
	return [asItems(context, outcomes)];
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
	if (isAgentTool(context.getNode())) {
		throw toNodeError(context, new RunComfyError('stopped'), 0, []);
	}
	return { actions: [], metadata: {} };
}

async function attemptAll(
	context: IExecuteFunctions,
	node: MediaNode,
	continueOnFail: boolean,
): Promise<Outcome[]> {
	const operation = operationNamed(context.getNodeParameter('operation', 0));
	const limit = pLimit(readMaxConcurrency(context));
	const run = await openRun(context, node, continueOnFail);
	const prepared = context.getInputData().map((_, itemIndex): ItemTask | Failure => {
		try {
			return operation.prepare(context, itemIndex, node);
		} catch (error) {
			return { error, privateTexts: [] };
		}
	});
	const refused = !continueOnFail && prepared.some((item) => 'error' in item);
	const outcomes = refused
		? prepared.map((item) => ('error' in item ? item : { items: [] }))
		: await Promise.all(
				prepared.map(async (item, itemIndex) =>
					'error' in item
						? item
						: await limit(async () => await attempt(run, item, itemIndex, continueOnFail)),
				),
			);
	return await close(context, run, outcomes, continueOnFail);
}

async function attempt(
	run: OpenRun,
	task: ItemTask,
	itemIndex: number,
	continueOnFail: boolean,
): Promise<Outcome> {
	const privateTexts = [run.token, ...(task.prompts ?? [])];
	try {
		// Also the first thing of a new try: n8n 2.41.1 starts the next try of Retry On Fail after a Stop.
		run.stop.signal.throwIfAborted();
		return { items: await task.run(run) };
	} catch (error) {
		if (!continueOnFail) run.stop.endWaits();
		if (run.stop.executionStopped) await run.requests.settle(itemIndex);
		return { error, privateTexts };
	}
}

/** Ends the run: settles what a Stop has left, and leaves to a next try what is not handed over. */
async function close(
	context: IExecuteFunctions,
	{ stop, requests, memory, log }: OpenRun,
	outcomes: Outcome[],
	continueOnFail: boolean,
): Promise<Outcome[]> {
	const stopped = stop.executionStopped;
	const failed = outcomes.some((outcome) => 'error' in outcome);
	const handedOver = !stopped && (!failed || continueOnFail);
	if (stopped) await requests.settleAll();
	else if (!handedOver) requests.leaveToNextTry(context.getExecutionCancelSignal());
	if (handedOver) {
		// n8n (2.41.1) looks at the first item alone to decide whether it runs the node again.
		const [first] = asItems(context, outcomes);
		memory.close(first?.json.error ? 'handed over with an error' : 'handed over');
		log.info(`the output is handed over (${outcomes.length} items)`);
	} else {
		memory.close('not handed over');
	}
	stop.release();
	return handedOver ? outcomes : outcomes.map(withOtherRequests);

	function withOtherRequests(outcome: Outcome, itemIndex: number): Outcome {
		if (!('error' in outcome) || !(outcome.error instanceof RunComfyError)) return outcome;
		const alsoRunning = shortened(requests.idsExceptOf(itemIndex));
		return { ...outcome, error: outcome.error.with({ alsoRunning }) };
	}
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

function shortened(ids: string[]): string[] {
	const shown = ids.slice(0, MOST_IDS_IN_ERROR);
	const more = ids.length - shown.length;
	return more > 0 ? [...shown, `and ${more} more in the log of n8n`] : shown;
}
