import type { IExecuteFunctions } from 'n8n-workflow';
import pLimit from 'p-limit';
import { createRunComfyClient, type RunComfyClient } from '../api/client';
import type { CallLimits, Clock } from '../api/http';
import { createPace, type Pace } from '../api/pace';
import { hostClock } from './clock';
import { readCredential, type ApiAccess } from './credential';
import { readMaxConcurrency } from './readOptions';
import { createRequestMemory, type RequestMemory } from './requestMemory';
import { createSend } from './send';
import { createStop, type Stop } from './stop';

/** How long an operation that does not wait for a video tries to get its answer, in ms. */
const SHORT_PATIENCE_MS = 60_000;

/** Everything that the items of one run of the node share. */
export interface Session {
	readonly context: IExecuteFunctions;
	readonly access: ApiAccess;
	readonly client: RunComfyClient;
	readonly clock: Clock;
	/** When to look at the requests of this run. */
	readonly pace: Pace;
	readonly memory: RequestMemory;
	readonly stop: Stop;
	/** Whether a failed item becomes an item, so that the others go on. */
	readonly continueOnFail: boolean;
	/** How many items to work on at the same time. */
	readonly maxConcurrency: number;
	/** Lets one item submit at a time, in the order of asking. */
	readonly submitTurn: <T>(submit: () => Promise<T>) => Promise<T>;
	/** The requests of this run by item index, from the moment their id is known. */
	readonly requests: Map<number, { requestId: string; ended: boolean; cancelOnStop: boolean }>;
	/** What must not show up in an error: the token, and the prompts of all items. */
	readonly secrets: string[];
	/** Bounds of a call that waits for nothing but passing faults. */
	shortLimits(): CallLimits;
	/** Writes to n8n's log at info level, which is what a killed execution leaves behind. */
	log(message: string): void;
	/** Writes to n8n's log at debug level. */
	trace(message: string): void;
}

/**
 * Opens the session of one run: reads the credential once, so that calls also work after the
 * execution was stopped, when n8n no longer resolves expressions in credentials (n8n 2.41.1).
 *
 * @throws RunComfyError `invalidCredential` or `invalidInput`
 */
export async function openSession(
	context: IExecuteFunctions,
	continueOnFail: boolean,
): Promise<Session> {
	const clock = hostClock;
	const access = readCredential(await context.getCredentials('runComfyApi'));
	const maxConcurrency = readMaxConcurrency(context);
	const stop = createStop(context.getExecutionCancelSignal(), clock);
	const runIndex: unknown = context.getWorkflowDataProxy(0).$runIndex;
	return {
		context,
		access,
		client: createRunComfyClient({
			send: createSend(context.helpers, access),
			clock,
			random: Math.random,
		}),
		clock,
		pace: createPace(clock),
		memory: createRequestMemory(context.getContext('node'), Number(runIndex)),
		stop,
		continueOnFail,
		maxConcurrency,
		submitTurn: pLimit(1),
		requests: new Map(),
		secrets: [access.token],
		shortLimits: () => ({ deadline: clock.now() + SHORT_PATIENCE_MS, signal: stop.signal }),
		log: (message) => context.logger.info(`Kling Video: ${message}`),
		trace: (message) => context.logger.debug(`Kling Video: ${message}`),
	};
}
