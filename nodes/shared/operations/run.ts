import type { IExecuteFunctions } from 'n8n-workflow';
import { createCatalog, type Catalog } from '../api/catalog';
import { RunComfyClient } from '../api/client';
import type { CallLimits } from '../api/http';
import { hostClock } from '../connection/clock';
import type { ApiAccess } from '../connection/credential';
import { createSend } from '../connection/send';
import type { NodeErrors } from '../errors/nodeErrors';
import { createDeliver, type Deliver } from '../media/deliver';
import type { ModelInput } from '../inputs/prepareInput';
import type { Item } from '../parameters/item';
import { cancelOnStop } from '../requests/cancelOnStop';
import { RequestMemory } from '../requests/requestMemory';
import { RunLog } from '../requests/runLog';
import { RunRequests } from '../requests/runRequests';
import { Stop } from '../requests/stop';
import type { PaidRequest, SubmittingRun } from '../requests/submitOnce';
import { SubmitQueue } from '../requests/submitQueue';
import { createWaitForCompletion, type WaitForCompletion } from '../requests/waitForCompletion';
import type { InputSources, MediaNode } from './mediaNode';
import { readIdentity } from './readIdentity';

/** How long a call that waits for nothing but passing errors is retried. */
export const SHORT_PATIENCE_MS = 60_000;

/** One run of a node: what the operations on its items share. */
export class Run implements InputSources, SubmittingRun {
	readonly clock = hostClock;
	readonly executionId: string;
	readonly log: RunLog;
	readonly stop: Stop;
	readonly client: RunComfyClient;
	readonly catalog: Catalog;
	readonly memory: RequestMemory;
	readonly requests: RunRequests;
	readonly queue = new SubmitQueue(hostClock);
	readonly waitForCompletion: WaitForCompletion;
	readonly deliver: Deliver;

	/**
	 * @param access read once, for n8n (2.41.1) resolves no expressions in credentials when the execution has ended
	 * @param continueOnFail whether a failed item becomes an item, so that the others go on
	 */
	constructor(
		context: IExecuteFunctions,
		private readonly node: MediaNode,
		private readonly access: ApiAccess,
		errors: NodeErrors,
		readonly continueOnFail: boolean,
	) {
		const runIndex = Number(context.getWorkflowDataProxy(0).$runIndex);
		const kept = context.getContext('node');
		const { clock } = this;
		this.executionId = context.getExecutionId();
		this.log = new RunLog(
			context.logger,
			`execution ${this.executionId}, "${context.getNode().name}", run ${runIndex}`,
		);
		this.stop = new Stop(context.getExecutionCancelSignal());

		const parts = { send: createSend(context.helpers, access, clock), clock, random: Math.random };
		this.client = new RunComfyClient(parts);
		this.catalog = createCatalog(parts);
		this.memory = new RequestMemory(kept, runIndex);
		// A client of its own waits for no rate limit that the run has met: after a Stop there is no later.
		const cancel = async (address: { requestId: string }) =>
			await cancelOnStop(new RunComfyClient(parts), clock, address);
		this.requests = new RunRequests(kept, cancel, this.log);
		this.waitForCompletion = createWaitForCompletion({
			client: this.client,
			clock,
			requests: this.requests,
			log: this.log,
		});
		this.deliver = createDeliver({
			helpers: context.helpers,
			clock,
			signal: this.stop.signal,
			apiHost: access.host,
			freshResult: async (address) =>
				await this.client.result(address, false, this.limits(SHORT_PATIENCE_MS)),
			log: this.log,
			filesRequired: node.alwaysGivesFiles,
			...(continueOnFail && {
				errorItem: (error: unknown, itemIndex: number) =>
					errors.toItem({ itemIndex, error, prompts: [] }),
			}),
		});
	}

	readonly limits = (withinMs: number): CallLimits => ({
		deadline: this.clock.now() + withinMs,
		signal: this.stop.signal,
	});

	paidRequest(
		item: Item,
		given: ModelInput,
		cancelsOnStop: boolean,
		limits: CallLimits,
	): PaidRequest {
		const { model, input, load } = given;
		const identity = readIdentity(item, this.node.inputFields, this.access.baseUrl, given);
		const itemIndex = item.index;
		return { itemIndex, model, input, load, identity, cancelOnStop: cancelsOnStop, limits };
	}
}
