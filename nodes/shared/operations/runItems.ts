import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import pLimit from 'p-limit';
import { RunComfyError, type ErrorFacts } from '../api/errors';
import { errorItem } from '../errors/errorItem';
import { toNodeError } from '../errors/nodeError';
import { readMaxConcurrency } from '../form/readOptions';
import type { MediaNode } from './mediaNode';
import { openRun, type OpenRun } from './openRun';
import type { ItemTask } from './operation';
import { operationNamed } from './operations';

const MOST_IDS_IN_ERROR = 20;

/** How one item ended, and what of it must not stand in an error. */
type Outcome = ({ items: INodeExecutionData[] } | { error: unknown }) & { privateTexts: string[] };

/** An item that is read and checked, or what is wrong with it. */
type Prepared = ItemTask | { error: unknown };

/**
 * Runs the node for all its items: reads and checks every item first, then works on them side by side,
 * and answers in input order.
 *
 * @returns what came of all items, with an error item for each that failed when the node continues on
 * failures
 * @throws NodeOperationError of the first item that failed, unless the node continues; the others are
 * no longer waited for, and their request ids stand in the error and in the execution's data
 */
export async function runItems(
	context: IExecuteFunctions,
	node: MediaNode,
): Promise<INodeExecutionData[]> {
	const continueOnFail = context.continueOnFail();
	const outcomes = await attemptAll(context, node, continueOnFail).catch((error: unknown) =>
		context.getInputData().map((): Outcome => ({ error, privateTexts: [] })),
	);
	const failed = continueOnFail ? undefined : firstFailure(outcomes);
	if (failed) throw toNodeError(context, failed.error, failed.itemIndex, failed.privateTexts);
	return outcomes.flatMap((outcome, itemIndex) =>
		'error' in outcome
			? [errorItem(context, outcome.error, itemIndex, outcome.privateTexts)]
			: outcome.items,
	);
}

async function attemptAll(
	context: IExecuteFunctions,
	node: MediaNode,
	continueOnFail: boolean,
): Promise<Outcome[]> {
	const operation = operationNamed(context.getNodeParameter('operation', 0));
	const limit = pLimit(readMaxConcurrency(context));
	const run = await openRun(context, node.name, continueOnFail);
	const prepared = context.getInputData().map((_, itemIndex): Prepared => {
		try {
			return operation.prepare(context, itemIndex, node);
		} catch (error) {
			return { error };
		}
	});
	if (!continueOnFail && prepared.some((item) => 'error' in item)) {
		run.stop.release();
		return prepared.map((item) => ({
			...('error' in item ? item : { items: [] }),
			privateTexts: [],
		}));
	}
	const outcomes = await Promise.all(
		prepared.map(async (item) => await limit(async () => await attempt(run, item, continueOnFail))),
	);
	const settled = await settle(run, outcomes, continueOnFail);
	run.stop.release();
	return settled;
}

async function attempt(run: OpenRun, item: Prepared, continueOnFail: boolean): Promise<Outcome> {
	const privateTexts = [run.token];
	if ('error' in item) return { ...item, privateTexts };
	privateTexts.push(...(item.prompts ?? []));
	try {
		// Also the first thing of a new try: n8n 2.41.1 starts the next try of Retry On Fail after a Stop.
		run.stop.signal.throwIfAborted();
		return { items: await item.run(run), privateTexts };
	} catch (error) {
		if (!continueOnFail) run.stop.endWaits();
		return { error, privateTexts };
	}
}

/** Lets each failed item say what became of its request, and of the others that went on. */
async function settle(
	run: OpenRun,
	outcomes: Outcome[],
	continueOnFail: boolean,
): Promise<Outcome[]> {
	const became = run.stop.executionStopped ? await run.settle() : new Map<number, string>();
	return outcomes.map((outcome, itemIndex) => {
		if (!('error' in outcome)) return outcome;
		const told = became.get(itemIndex);
		const facts: ErrorFacts = {
			...(told !== undefined && { outcome: told }),
			...(!continueOnFail && { alsoRunning: shortened(run.requests.idsExceptOf(itemIndex)) }),
		};
		const { error, privateTexts } = outcome;
		return { error: error instanceof RunComfyError ? error.with(facts) : error, privateTexts };
	});
}

/** The first item whose own fault ended the run; the others only say that they were stopped by it. */
function firstFailure(
	outcomes: Outcome[],
): { error: unknown; itemIndex: number; privateTexts: string[] } | undefined {
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
