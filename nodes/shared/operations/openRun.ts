import type { IExecuteFunctions } from 'n8n-workflow';
import { createRunComfyClient, type RunComfyClient } from '../api/client';
import type { CallLimits } from '../api/http';
import { hostClock } from '../connection/clock';
import { readCredential } from '../connection/credential';
import { createSend } from '../connection/send';
import { errorItem } from '../errors/errorItem';
import { createDeliver, type Deliver } from '../media/deliver';
import { createOpenRequests, type OpenRequests } from '../orders/openRequests';
import { createPollSchedule } from '../orders/pollSchedule';
import { createRequestMemory } from '../orders/requestMemory';
import { settleStopped } from '../orders/settleStopped';
import { createStop, STOP_GRACE_MS, type Stop } from '../orders/stop';
import { createSubmitOnce, type SubmitOnce } from '../orders/submitOnce';
import { createWaitForCompletion, type WaitForCompletion } from '../orders/waitForCompletion';

/** How long an operation that does not wait for a result tries to get its answer, in ms. */
const SHORT_PATIENCE_MS = 60_000;

/** What an operation works with. */
export interface Run {
	client: RunComfyClient;
	submitOnce: SubmitOnce;
	waitForCompletion: WaitForCompletion;
	deliver: Deliver;
	/** Bounds of a call that waits for nothing but passing faults. */
	shortLimits(): CallLimits;
}

/** A run of the node, opened, with what only the loop over its items needs. */
export interface OpenRun extends Run {
	/** What must not show up in any error. */
	token: string;
	stop: Stop;
	requests: OpenRequests;
	/** Cancels what a stopped run has left open; tells what became of each request, by item index. */
	settle(): Promise<Map<number, string>>;
}

/**
 * Opens a run of the node: the one place where the rooms are put together. The credential is read
 * once, so that calls also work after the execution was stopped, when n8n no longer resolves
 * expressions in credentials (n8n 2.41.1).
 *
 * @param name what the node is called in n8n's log
 * @throws RunComfyError `invalidCredential`
 */
export async function openRun(
	context: IExecuteFunctions,
	name: string,
	continueOnFail: boolean,
): Promise<OpenRun> {
	const clock = hostClock;
	const access = readCredential(await context.getCredentials('runComfyApi'));
	const stop = createStop(context.getExecutionCancelSignal(), clock);
	const log = {
		info: (message: string) => context.logger.info(`${name}: ${message}`),
		debug: (message: string) => context.logger.debug(`${name}: ${message}`),
	};
	const send = createSend(context.helpers, access, clock);
	const client = createRunComfyClient({ send, clock, random: Math.random });
	const requests = createOpenRequests();
	const runIndex: unknown = context.getWorkflowDataProxy(0).$runIndex;
	const memory = createRequestMemory(context.getContext('node'), Number(runIndex));
	const schedule = createPollSchedule(clock);
	const { baseUrl, host, token } = access;
	const shortLimits = () => ({ deadline: clock.now() + SHORT_PATIENCE_MS, signal: stop.signal });

	return {
		client,
		submitOnce: createSubmitOnce({
			client,
			clock,
			memory,
			requests,
			stop,
			log,
			baseUrl,
			continueOnFail,
		}),
		waitForCompletion: createWaitForCompletion({ client, clock, schedule, requests, stop, log }),
		deliver: createDeliver({
			helpers: context.helpers,
			clock,
			signal: stop.signal,
			apiHost: host,
			freshResult: async (requestId) => await client.result(requestId, false, shortLimits()),
			log,
			...(continueOnFail && {
				errorItem: (error, itemIndex) => errorItem(context, error, itemIndex, [token]),
			}),
		}),
		shortLimits,
		token,
		stop,
		requests,
		settle: async () => {
			const limits = { deadline: clock.now() + STOP_GRACE_MS, signal: stop.graceSignal };
			return await settleStopped(client, requests, limits, log.info);
		},
	};
}
