import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import pLimit from 'p-limit';
import { RunComfyError } from '../api/errors';
import { errorItem } from '../runtime/errorItem';
import { toNodeError } from '../runtime/nodeError';
import { openSession, type Session } from '../runtime/session';
import { settleStopped } from '../runtime/settleStopped';
import type { Operation } from './operation';

const MOST_IDS_IN_ERROR = 20;

/** How one item ended. */
type Outcome = { items: INodeExecutionData[] } | { error: unknown };

/**
 * Runs one operation for all items of the node: checks every item first, then works on them side by
 * side, and answers in input order.
 *
 * @returns what came of all items, with an error item for each that failed
 * @throws NodeOperationError of the first item that failed, unless `continueOnFail`; the others are
 * no longer waited for, and their request ids stand in the error and in the execution's data
 */
export async function runItems(
	context: IExecuteFunctions,
	operation: Operation,
	continueOnFail: boolean,
): Promise<INodeExecutionData[]> {
	const session = await openSession(context, continueOnFail).catch((error: unknown) => ({ error }));
	const outcomes =
		'error' in session
			? context.getInputData().map(() => session)
			: await attemptAll(session, operation).finally(session.stop.release);
	const secrets = 'error' in session ? [] : session.secrets;

	const failed = continueOnFail ? undefined : firstFailure(outcomes);
	if (failed) {
		const { error, itemIndex } = failed;
		const alsoRunning = 'error' in session ? [] : otherRequests(session, itemIndex);
		throw toNodeError(context, withFacts(error, { alsoRunning }), itemIndex, secrets);
	}
	return outcomes.flatMap((outcome, itemIndex) =>
		'error' in outcome ? [errorItem(context, outcome.error, itemIndex, secrets)] : outcome.items,
	);
}

async function attemptAll(session: Session, operation: Operation): Promise<Outcome[]> {
	const { context, stop, continueOnFail } = session;
	const prepared = context
		.getInputData()
		.map((_, itemIndex): { order: object } | { error: unknown } => {
			try {
				return { order: operation.prepare(context, itemIndex) };
			} catch (error) {
				return { error };
			}
		});
	if (!continueOnFail && prepared.some((item) => 'error' in item)) {
		return prepared.map((item) => ('error' in item ? item : { items: [] }));
	}

	const limit = pLimit(session.maxConcurrency);
	const outcomes = await Promise.all(
		prepared.map(async (item): Promise<Outcome> => {
			if ('error' in item) return item;
			return await limit(async () => await attempt(item.order));
		}),
	);
	return stop.byExecution() ? await tellOutcomes(session, outcomes) : outcomes;

	async function attempt(order: object): Promise<Outcome> {
		try {
			// Also the first thing of a new try: n8n 2.41.1 starts the next try of Retry On Fail after a Stop.
			stop.signal.throwIfAborted();
			return { items: await operation.run(session, order) };
		} catch (error) {
			if (!continueOnFail) stop.byFailure();
			return { error };
		}
	}
}

/** Cancels what the stopped run has left open, and lets each item say what became of its request. */
async function tellOutcomes(session: Session, outcomes: Outcome[]): Promise<Outcome[]> {
	const told = await settleStopped(session);
	return outcomes.map((outcome, itemIndex) => {
		const became = told.get(itemIndex);
		if (!('error' in outcome) || became === undefined) return outcome;
		return { error: withFacts(outcome.error, { outcome: became }) };
	});
}

/** The first item whose own fault ended the run; the others only say that they were stopped by it. */
function firstFailure(outcomes: Outcome[]): { error: unknown; itemIndex: number } | undefined {
	const failed = outcomes.flatMap((outcome, itemIndex) =>
		'error' in outcome ? [{ error: outcome.error, itemIndex }] : [],
	);
	return failed.find(({ error }) => !isStopped(error)) ?? failed[0];
}

function isStopped(error: unknown): boolean {
	return error instanceof RunComfyError && error.kind === 'stopped';
}

function otherRequests({ requests }: Session, itemIndex: number): string[] {
	const ids = [...requests]
		.filter(([index]) => index !== itemIndex)
		.map(([, { requestId }]) => requestId);
	const shown = ids.slice(0, MOST_IDS_IN_ERROR);
	const more = ids.length - shown.length;
	return more > 0 ? [...shown, `and ${more} more in the log of n8n`] : shown;
}

function withFacts(error: unknown, facts: Parameters<RunComfyError['with']>[0]): unknown {
	return error instanceof RunComfyError ? error.with(facts) : error;
}
