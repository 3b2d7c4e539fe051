import type { IExecuteFunctions } from 'n8n-workflow';
import { createCatalog } from '../api/catalog';
import { createRunComfyClient, type RunComfyClient } from '../api/client';
import { hostClock } from '../connection/clock';
import { readCredential } from '../connection/credential';
import { createSend } from '../connection/send';
import { errorItem } from '../errors/errorItem';
import { createDeliver, type Deliver } from '../media/deliver';
import { cancelOnStop } from '../requests/cancelOnStop';
import { createOpenRequests, type OpenRequests } from '../requests/openRequests';
import { createPollSchedule } from '../requests/pollSchedule';
import {
	createRequestMemory,
	type RequestIdentity,
	type RequestMemory,
} from '../requests/requestMemory';
import { createRunLog, type RunLog } from '../requests/runLog';
import { createStop, type Stop } from '../requests/stop';
import { createSubmitOnce, type SubmitOnce } from '../requests/submitOnce';
import { createWaitForCompletion, type WaitForCompletion } from '../requests/waitForCompletion';
import type { InputSources, MediaNode } from './mediaNode';
import { readIdentity } from './readIdentity';

/** How long a call that waits for nothing but passing faults is retried, in ms. */
export const SHORT_PATIENCE_MS = 60_000;

/** What an operation works with. */
export interface Run extends InputSources {
	client: RunComfyClient;
	submitOnce: SubmitOnce;
	waitForCompletion: WaitForCompletion;
	deliver: Deliver;
	/** The requests that a Stop has to settle. */
	requests: OpenRequests;
	/** What tells a request of an item from another one; `references` tell its files. */
	identity(itemIndex: number, references?: string[]): RequestIdentity;
}

/** A run of the node, opened, with what only the loop over its items needs. */
export interface OpenRun extends Run {
	/** What must not show up in any error. */
	token: string;
	stop: Stop;
	memory: RequestMemory;
	log: RunLog;
}

/**
 * Opens a run of the node: the one place that puts its parts together. The credential is read
 * once, so that calls also work when the execution has ended, and n8n no longer resolves
 * expressions in credentials (n8n 2.41.1).
 *
 * @throws RunComfyError `invalidCredential`
 */
export async function openRun(
	context: IExecuteFunctions,
	node: MediaNode,
	continueOnFail: boolean,
): Promise<OpenRun> {
	const clock = hostClock;
	const access = readCredential(await context.getCredentials('runComfyApi'));
	const { baseUrl, host, token } = access;
	const executionId = context.getExecutionId();
	const runIndex = Number(context.getWorkflowDataProxy(0).$runIndex);
	const log = createRunLog(context.logger, {
		executionId,
		nodeName: context.getNode().name,
		runIndex,
	});

	const send = createSend(context.helpers, access, clock);
	const calls = { send, clock, random: Math.random };
	const newClient = () => createRunComfyClient(calls);
	const client = newClient();
	const stop = createStop(context.getExecutionCancelSignal());
	const kept = context.getContext('node');
	const memory = createRequestMemory(kept, runIndex);
	const requests = createOpenRequests({
		context: kept,
		cancel: async (requestId) => await cancelOnStop(newClient(), clock, requestId),
		log,
	});
	const limits = (withinMs: number) => ({
		deadline: clock.now() + withinMs,
		signal: stop.signal,
	});

	return {
		client,
		catalog: createCatalog(calls),
		submitOnce: createSubmitOnce({
			client,
			clock,
			memory,
			requests,
			stop,
			log,
			executionId,
			continueOnFail,
		}),
		waitForCompletion: createWaitForCompletion({
			client,
			clock,
			schedule: createPollSchedule(clock),
			requests,
			log,
		}),
		deliver: createDeliver({
			helpers: context.helpers,
			clock,
			signal: stop.signal,
			apiHost: host,
			freshResult: async (requestId) =>
				await client.result(requestId, false, limits(SHORT_PATIENCE_MS)),
			log,
			filesRequired: node.alwaysGivesFiles,
			...(continueOnFail && {
				errorItem: (error, itemIndex) =>
					errorItem(context, error, { itemIndex, makes: node.makes, privateTexts: [token] }),
			}),
		}),
		requests,
		identity: (itemIndex, references) => ({
			...readIdentity(context, itemIndex, node, baseUrl),
			...(references && { files: references }),
		}),
		limits,
		token,
		stop,
		memory,
		log,
	};
}
