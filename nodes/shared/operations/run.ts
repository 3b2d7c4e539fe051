import { randomUUID } from 'node:crypto';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	IWorkflowExecutionCustomData,
} from 'n8n-workflow';
import { Catalog } from '../api/catalog';
import type { CallParts } from '../api/call';
import { RunComfyClient } from '../api/client';
import { RunComfyError } from '../api/errors';
import type { CallLimits } from '../api/http';
import { ROUTES, type RequestAddress, type Target } from '../api/routes';
import { hostClock } from '../connection/clock';
import type { ApiAccess } from '../connection/credential';
import { createSend } from '../connection/send';
import type { NodeErrors } from '../errors/nodeErrors';
import type { ModelInput } from '../inputs/prepareInput';
import { readModelOutput, type DeliveringRun, type ReadOutput } from '../media/deliver';
import type { Item } from '../parameters/item';
import type { RequestMemory } from '../requests/requestMemory';
import { RunLog } from '../requests/runLog';
import { RunRequests } from '../requests/runRequests';
import { Stop } from '../requests/stop';
import type { SubmittingRun } from '../requests/submitOnce';
import { SubmitQueue } from '../requests/submitQueue';
import { PollLimit, type WaitingRun } from '../requests/waitForCompletion';
import { readAddress } from './readAddress';

/** How long a call that waits for nothing but passing errors is retried. */
const SHORT_PATIENCE_MS = 60_000;

/** What is other about options with one node than with the rest, by the option. */
export type OptionChanges = Map<INodeProperties, Partial<INodeProperties>>;

export interface MediaNode {
	/** What it makes, as its texts call it: video, say. */
	makes: string;
	/** Of what says what to generate. */
	inputFields: INodeProperties[];
	/** Whether a completed request whose output names no file has failed. */
	alwaysGivesFiles: boolean;
	/** What its requests are sent to; models by default. */
	target?: Target;
	/** What is other about its options than with other nodes. */
	changes?: OptionChanges;
	/** Begins a run, in which all items are read with what this gives. */
	open(run: InputSources): OpenNode;
}

export interface OpenNode {
	readInput: ReadInput;
	/** By default as a model gives it. */
	readOutput?: ReadOutput;
	/** Says what RunComfy says of the request of an item in the words of its user. */
	explain?(detail: string, itemIndex: number, address: Partial<RequestAddress>): Promise<string>;
}

/** Reads and checks one item. Rejects with `invalidInput`, or what the catalog rejects with. */
export type ReadInput = (item: Item) => Promise<ModelInput>;

export type InputSources = Pick<Run, 'parts' | 'media' | 'catalog' | 'limits' | 'log'>;

/** One run of a node: what the operations on its items share. */
export class Run implements SubmittingRun, WaitingRun, DeliveringRun {
	readonly clock = hostClock;
	readonly helpers: IExecuteFunctions['helpers'];
	readonly executionId: string;
	readonly apiHost: string;
	readonly filesRequired: boolean;
	readonly parts: CallParts;
	readonly readInput: ReadInput;
	readonly readOutput: ReadOutput;
	readonly #explain: OpenNode['explain'];
	readonly readAddress: (item: Item) => RequestAddress;
	readonly log: RunLog;
	readonly stop: Stop;
	readonly client: RunComfyClient;
	readonly catalog: Catalog;
	readonly requests: RunRequests;
	readonly queue = new SubmitQueue(hostClock);
	readonly pollLimit = new PollLimit(hostClock);

	/**
	 * @param access read once, for n8n (2.41.1) resolves no expressions in credentials when the execution has ended
	 * @param continueOnFail whether a failed item becomes an item, so that the others go on
	 */
	constructor(
		context: IExecuteFunctions,
		node: MediaNode,
		access: ApiAccess,
		private readonly errors: NodeErrors,
		readonly continueOnFail: boolean,
		readonly memory: RequestMemory,
	) {
		const { clock } = this;
		this.helpers = context.helpers;
		this.executionId = executionIdOf(context);
		this.apiHost = access.host;
		this.filesRequired = node.alwaysGivesFiles;
		// Not from the context itself, which has it only in later versions (2.20, but not 2.0).
		const { $execution } = context.getWorkflowDataProxy(0) as {
			$execution?: { customData?: IWorkflowExecutionCustomData };
		};
		this.log = new RunLog(
			context.logger,
			`execution ${this.executionId}, "${context.getNode().name}", run ${runIndexOf(context)}`,
			$execution?.customData,
		);
		this.stop = new Stop(context.getExecutionCancelSignal());

		const { target = 'model' } = node;
		const parts = { send: createSend(context.helpers, access, clock), clock, random: Math.random };
		this.parts = parts;
		this.client = new RunComfyClient(parts, ROUTES[target]);
		this.catalog = new Catalog(parts);
		const canceller = new RunComfyClient(parts, ROUTES[target]);
		this.requests = new RunRequests(context.getContext('node'), memory, canceller, clock, this.log);
		const { readInput, readOutput = readModelOutput, explain } = node.open(this);
		this.readInput = readInput;
		this.readOutput = readOutput;
		this.#explain = explain;
		this.readAddress = (item) => readAddress(item, target);
	}

	/** What a file is fetched with, without the token. */
	get media() {
		const { helpers, apiHost, stop } = this;
		return { helpers, apiHost, allowedHosts: [], signal: stop.signal };
	}

	readonly limits = (withinMs: number): CallLimits => ({
		deadline: this.clock.now() + withinMs,
		signal: this.stop.signal,
	});

	readonly shortLimits = (): CallLimits => this.limits(SHORT_PATIENCE_MS);

	/** A failure of a request, or the refusal of one, in the words of its user. */
	async explained(error: unknown, itemIndex: number): Promise<unknown> {
		if (!(error instanceof RunComfyError)) return error;
		const { kind, facts } = error;
		if (facts.detail === undefined || !(kind === 'failed' || kind === 'rejected')) return error;
		const detail = await this.#explain?.(facts.detail, itemIndex, facts);
		return detail === undefined ? error : new RunComfyError(kind, { ...facts, detail });
	}

	errorItem(error: unknown, itemIndex: number): INodeExecutionData {
		return this.errors.toItem({ itemIndex, error, prompts: [] });
	}
}

const ownIds = new WeakMap<object, string>();

/** n8n (2.41.1) gives none to the calls of its MCP Server Trigger: what shares its data shares one of ours. */
export function executionIdOf(context: IExecuteFunctions): string {
	const id = context.getExecutionId() as string | undefined;
	if (id) return id;
	const data = context.getContext('node');
	const own = ownIds.get(data) ?? `no-id-${randomUUID()}`;
	ownIds.set(data, own);
	return own;
}

/** n8n (2.41.1) counts the runs of a node in an execution from 0. */
export function runIndexOf(context: IExecuteFunctions): number {
	return Number(context.getWorkflowDataProxy(0).$runIndex);
}
