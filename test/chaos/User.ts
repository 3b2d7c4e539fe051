import { createHash } from 'node:crypto';
import type { INode, INodeExecutionData, IRun } from 'n8n-workflow';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import type { EmulatedRequest } from '../emulator/request';
import type { Execution } from '../engine/Engine';
import { klingWorkflow } from '../engine/klingWorkflow';
import { itemOf } from '../engine/nodeUnderTest';
import { requestsOf, runOf } from '../engine/logRecipe';
import { pass } from '../engine/virtualTime';
import { videosOf, type World } from '../engine/world';

/** One wish for a video, and how far the user has come with it. */
export interface Wish {
	prompt: string;
	/** The request that is to give the video, as soon as the user knows it. */
	requestId?: string;
	delivered?: boolean;
}

/** How a prompt fares; only some are queued long enough to be cancelled. */
const SCENARIOS = ['quick', 'instant', 'demo', 'demo', 'bench', 'slow'];
/** Gives another prompt whenever n8n evaluates it. */
const CHANGING = "={{ $json.prompt + ' #' + Math.random() }}";
const OPTIONS = { maximumWaitMinutes: 10 };
const LATEST_STOP_MS = 40_000;
/** Longer than a POST that a Stop has left can stay open. */
const LATER_MS = 120_000;
const MOST_RETRIES = 3;

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const rightHash = sha256(RunComfyEmulator.file('16:9'));

/**
 * Does what a user does with the node's answers, and nothing else: takes a video, collects with Get
 * Result what an item or the log names, checks the Generations where the outcome is unknown, retries
 * executions, stops some of them, and submits again only what is said not to be under way.
 */
export class User {
	readonly wishes: Wish[];
	/** How often it came to what. */
	readonly did = { thrown: 0, stopped: 0, retried: 0, foundInLog: 0, lookedUp: 0 };
	/** The longest execution, in ms. */
	longestMs = 0;

	/** @param random gives numbers from 0 up to 1 */
	constructor(
		private readonly world: World,
		private readonly random: () => number,
		wishes: number,
	) {
		this.wishes = Array.from({ length: wishes }, (_, index) => ({
			prompt: `[${this.oneOf(SCENARIOS)}] idea ${index}`,
		}));
	}

	/** The wish that a request was made for. */
	wishOf({ input }: EmulatedRequest): Wish {
		const [, index] = / idea (\d+)/.exec(String(input.prompt)) ?? [];
		return this.wishes[Number(index)];
	}

	/** Requests the videos of these wishes in one execution. */
	async order(wishes: Wish[]): Promise<void> {
		const continues = this.chance(0.5);
		const workflow = klingWorkflow(
			{ options: OPTIONS, ...(this.chance(0.5) && { prompt: CHANGING }) },
			{ ...this.retryOnFail(), ...(continues && { onError: 'continueRegularOutput' }) },
		);
		const { engine } = this.world;
		const items = wishes.map(({ prompt }) => ({ json: { prompt } }));
		const executions = [engine.start(workflow, items)];
		let { run, stopped } = await this.watch(executions[0]);
		for (let retries = 0; run.status !== 'success'; retries++) {
			if (retries === MOST_RETRIES || this.chance(0.3)) break;
			if (this.chance(0.5)) await pass(LATER_MS);
			this.did.retried++;
			executions.unshift(engine.startRetry(workflow, run));
			({ run, stopped } = await this.watch(executions[0]));
		}
		if (run.status === 'success' && !stopped) await this.takeAnswers(wishes, run);
		else await this.readLog(wishes, executions.reverse());
	}

	/** Collects the videos of wishes whose requests are known. */
	async collect(wishes: Wish[]): Promise<void> {
		const { run, stopped } = await this.watch(
			this.world.start(
				wishes.map(({ requestId }) => itemOf(String(requestId))),
				{ operation: 'getResult', waitForCompletion: true, options: OPTIONS },
				{ ...this.retryOnFail(), onError: 'continueRegularOutput' },
			),
		);
		if (!stopped) await this.takeAnswers(wishes, run);
	}

	/** Waits for the end of an execution, or stops it at some moment. */
	private async watch(execution: Execution): Promise<{ run: IRun; stopped: boolean }> {
		const startedAt = Date.now();
		let stopped = false;
		if (this.chance(0.5)) {
			const over = execution.finished.then(() => true);
			const moment = pass(this.random() ** 2 * LATEST_STOP_MS).then(() => false);
			stopped = !(await Promise.race([over, moment]));
			if (stopped) execution.stop();
		}
		const run = await execution.finished;
		this.longestMs = Math.max(this.longestMs, Date.now() - startedAt);
		if (stopped) this.did.stopped++;
		else if (run.status !== 'success') this.did.thrown++;
		return { run, stopped };
	}

	private async takeAnswers(wishes: Wish[], run: IRun): Promise<void> {
		const answers = videosOf(run);
		expect(answers.map(({ pairedItem }) => pairedItem)).toEqual(
			wishes.map((_, item) => ({ item })),
		);
		for (const [item, wish] of wishes.entries()) await this.takeAnswer(wish, answers[item]);
	}

	private async takeAnswer(wish: Wish, { json, binary }: INodeExecutionData): Promise<void> {
		const details = (json.details ?? {}) as { reason?: string; request_id?: string };
		wish.requestId ??= (json.request_id ?? details.request_id) as string | undefined;
		if (binary?.data) {
			wish.delivered = sha256(await this.world.engine.binary(binary.data)) === rightHash;
		} else if (details.reason === 'outcomeUnknown') {
			this.lookUp(wish);
		} else if (details.reason === 'cancelled') {
			wish.requestId = undefined;
		}
	}

	/** What the docs say to do about an execution whose output is lost, and its retries. */
	private async readLog(wishes: Wish[], executions: Execution[]): Promise<void> {
		await pass(LATER_MS);
		const { engine, emulator } = this.world;
		for (const requestId of executions.flatMap(({ id }) => requestsOf(engine.log, id))) {
			const request = emulator.requests.get(requestId);
			if (!request) throw new Error(`There is no request ${requestId}`);
			this.wishOf(request).requestId = requestId;
			this.did.foundInLog++;
		}
		// Also where an earlier try has a request: a Stop has cancelled that one.
		const ids = executions.map(({ id }) => id);
		for (const line of engine.log.map(runOf)) {
			const { execution = '', item = -1, message = '' } = line ?? {};
			const unknown = /outcome of the submit is unknown/;
			if (ids.includes(execution) && unknown.test(message)) this.lookUp(wishes[item]);
		}
	}

	/** Finds a wish among the Generations on RunComfy. */
	private lookUp(wish: Wish): void {
		this.did.lookedUp++;
		const { emulator } = this.world;
		const found = [...emulator.requests.values()].filter(
			(request) => this.wishOf(request) === wish,
		);
		wish.requestId = found.find((request) => emulator.stateOf(request) !== 'cancelled')?.requestId;
	}

	private retryOnFail(): Partial<INode> {
		if (this.chance(0.5)) return {};
		return {
			retryOnFail: true,
			maxTries: this.oneOf([2, 3]),
			waitBetweenTries: this.oneOf([1, 5_000]),
		};
	}

	private chance(probability: number): boolean {
		return this.random() < probability;
	}

	private oneOf<T>(values: T[]): T {
		return values[Math.floor(this.random() * values.length)];
	}
}
