import getPort from 'get-port';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetch } from 'undici';
import type { INode } from 'n8n-workflow';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { SCENARIOS } from '../emulator/scenarios';
import { deploymentWorkflow, fields } from '../engine/deploymentWorkflow';
import { klingWorkflow } from '../engine/klingWorkflow';
import {
	chooseCredential,
	itemsOf,
	nodeOf,
	readExample,
	type WorkflowJson,
} from '../fixtures/workflows';
import { itWithSmallDisk, mountSmallDisk } from '../fixtures/smallDisk';
import { startHost, type Host } from '../host/host';
import { installPackage } from '../host/installPackage';
import type { ExecutionRecord, N8n } from '../host/N8n';
import { endProcess, killProcess, startProcess, until } from '../host/processes';
import { requestsLeft } from '../fixtures/recipe';
import { missingServices, startPostgres, startRedis, type Service } from './services';

const JOBS = 60;

if (missingServices.length > 0) {
	process.stdout.write(
		`Queue mode is skipped: ${missingServices.join(' and ')} is not installed.\n`,
	);
}

/** A worker of n8n, with a folder of its own that has the package too. */
interface Worker {
	child: ChildProcess;
	log: () => string;
}

let services: Service[];
let emulator: RunComfyEmulator;
let host: Host;
let main: N8n;
let env: Record<string, string>;
let credential: { id: string; name: string };
const folders: string[] = [];
const workers: Worker[] = [];

(missingServices.length > 0 ? describe.skip : describe)('queue mode', () => {
	beforeAll(async () => {
		services = await Promise.all([startRedis(), startPostgres()]);
		env = {
			...services[0].env,
			...services[1].env,
			EXECUTIONS_MODE: 'queue',
			N8N_ENCRYPTION_KEY: 'queue-tests',
			N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '2',
		};
		host = await startHost({}, { env });
		({ n8n: main, emulator, credential } = host);
	}, 900_000);

	afterAll(async () => {
		await Promise.all(workers.map(async ({ child }) => await endProcess(child)));
		await host?.stop();
		await Promise.all((services ?? []).map(async (service) => await service.stop()));
		for (const folder of folders) rmSync(folder, { recursive: true, force: true });
	}, 60_000);

	async function startWorker(
		concurrency: number,
		more: Record<string, string> = {},
	): Promise<Worker> {
		const folder = mkdtempSync(join(tmpdir(), 'n8n-worker-'));
		folders.push(folder);
		installPackage(folder);
		let log = '';
		const child = await startProcess(
			`worker --concurrency=${concurrency}`,
			{ ...env, ...more, N8N_USER_FOLDER: folder, N8N_RUNNERS_BROKER_PORT: `${await getPort()}` },
			(text) => (log += text),
		);
		const worker = { child, log: () => log };
		workers.push(worker);
		await until(
			() => (log.includes('n8n worker is now ready') ? true : undefined),
			120_000,
			`a worker: ${log}`,
		);
		return worker;
	}

	/** Ends all workers and starts one, which does all jobs from then on. */
	async function startOnlyWorker(
		concurrency: number,
		more?: Record<string, string>,
	): Promise<Worker> {
		await Promise.all(workers.map(async ({ child }) => await endProcess(child)));
		return await startWorker(concurrency, more);
	}

	/** Puts a webhook in front of a workflow and calls it with each prompt: production executions. */
	async function call(
		json: WorkflowJson,
		path: string,
		prompts: string[],
	): Promise<{ id: string }> {
		const [trigger] = json.nodes.filter(({ type }) => type === 'n8n-nodes-base.manualTrigger');
		Object.assign(trigger, {
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: path,
			parameters: { httpMethod: 'POST', path, responseMode: 'onReceived' },
		} satisfies Partial<INode>);
		const created = await main.createWorkflow(chooseCredential(json, credential));
		await main.activate(created);
		for (let next = 0; next < prompts.length; ) {
			const { status } = await fetch(`${main.url}/webhook/${path}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ prompt: prompts[next] }),
			});
			if (status === 200) next++;
			else await new Promise((done) => setTimeout(done, 200));
		}
		return created;
	}

	const flood = async (json: WorkflowJson, path: string) =>
		await call(
			json,
			path,
			Array.from({ length: JOBS }, (_, job) => `[demo] ${path} ${job}`),
		);

	/** The only execution of a mode, once it has ended. */
	async function ended({ id }: { id: string }, mode = 'webhook'): Promise<ExecutionRecord> {
		const execution = await until(
			async () => (await main.executions(id)).find((candidate) => candidate.mode === mode),
			20_000,
			`the execution by ${mode}`,
		);
		return await main.ended(execution.id);
	}

	/** The error of the node in an execution, with what it says to do. */
	const errorOf = ({ data }: ExecutionRecord) =>
		data?.resultData.error as { message: string; description: string } | undefined;

	const statuses = async (workflowId: string) => {
		const counts: Record<string, number> = {};
		for (const { status } of await main.executions(workflowId)) {
			counts[status] = (counts[status] ?? 0) + 1;
		}
		return counts;
	};

	it(`runs ${JOBS} executions on two workers, one of them stopped midway: nothing is paid twice, no id is lost`, async () => {
		const [first] = await Promise.all([startWorker(10), startWorker(10)]);
		const { id } = await flood(klingWorkflow({ prompt: '={{ $json.body.prompt }}' }), 'flood');
		await until(
			() => (first.log().match(/is submitted/g) ?? []).length >= 5 || undefined,
			60_000,
			'its jobs',
		);
		await endProcess(first.child);

		const ended = await until(
			async () => {
				const { new: fresh = 0, running = 0, waiting = 0, ...rest } = await statuses(id);
				const done = Object.values(rest).reduce((sum, count) => sum + count, 0);
				// What the stopped worker held stays "running" until n8n's main notices.
				const held = requestsLeft(first.log(), '[0-9]+').length;
				return fresh + waiting === 0 && running <= held && done + running === JOBS
					? { rest, running }
					: undefined;
			},
			240_000,
			'all executions',
			1_000,
		);
		process.stdout.write(`\nAfter the worker was stopped: ${JSON.stringify(ended)}\n`);

		const prompts = [...emulator.requests.values()].map(({ input }) => input.prompt);
		expect(new Set(prompts).size).toBe(prompts.length);
		expect(emulator.paidPosts).toBe(prompts.length);
		const log = main.log + workers.map((worker) => worker.log()).join('');
		for (const requestId of emulator.requests.keys()) expect(log).toContain(requestId);

		const lost = (await main.executions(id)).filter(({ status }) => status !== 'success');
		const orphans = requestsLeft(log, lost.map((execution) => execution.id).join('|'));
		process.stdout.write(
			`${orphans.length} requests are only in the log; Get Request Result collects them.\n`,
		);
		const recover = chooseCredential(
			klingWorkflow({
				operation: 'getResult',
				waitForCompletion: true,
				requestId: '={{ $json.id }}',
			}),
			credential,
		);
		const pinData = { Ideas: orphans.map((requestId) => ({ json: { id: requestId } })) };
		const rescue = await main.createWorkflow({ ...recover, pinData });
		const record = await main.ended(await main.run(rescue.id, 'Ideas'));
		expect(itemsOf(record, 'Kling Video').map(({ json }) => json.status)).toEqual(
			orphans.map(() => 'completed'),
		);
		expect(emulator.paidPosts).toBe(prompts.length);
	}, 400_000);

	it(`keeps ${JOBS} jobs in flight on one worker with concurrency 5, by Submit Request, Wait, Get Request Result`, async () => {
		await startOnlyWorker(5);
		const paidBefore = emulator.paidPosts;
		const json = readExample('submit-now-collect-later');
		nodeOf(json, 'Submit').parameters.prompt =
			"={{ $('When clicking ‘Execute workflow’').item.json.body.prompt }}";
		nodeOf(json, 'Ideas').parameters.jsonOutput = '{ "ideas": [{ "row": 1 }] }';
		nodeOf(json, 'Wait').parameters = { amount: 70, unit: 'seconds' };
		const { id } = await flood(json, 'later');

		const waiting = await until(
			async () => ((await statuses(id)).waiting === JOBS ? true : undefined),
			60_000,
			'all executions to sleep',
			500,
		);
		expect(waiting).toBe(true);
		const inFlight = [...emulator.requests.values()].filter(({ input }) =>
			String(input.prompt).includes('later'),
		);
		expect(inFlight).toHaveLength(JOBS);
		await until(
			async () => ((await statuses(id)).success === JOBS ? true : undefined),
			240_000,
			'all executions to succeed',
			1_000,
		);
		expect(emulator.paidPosts - paidBefore).toBe(JOBS);
		const [one] = await main.executions(id);
		const record = await main.execution(one.id);
		expect(itemsOf(record, 'Videos')[0].binary?.data.mimeType).toBe('video/mp4');
	}, 400_000);

	const fromCall = () => klingWorkflow({ prompt: '={{ $json.body.prompt }}' });

	describe('binary data', () => {
		beforeEach(() => void (emulator.calls.length = 0));
		afterEach(() => jest.restoreAllMocks());

		/** Lets every video have so many MB: a clip, and a box that players skip. */
		function makeVideos(megabytes: number): Buffer {
			const clip = RunComfyEmulator.file('16:9');
			const skipped = Buffer.alloc(megabytes * 1024 * 1024 - clip.length);
			skipped.writeUInt32BE(skipped.length);
			skipped.write('free', 4);
			const video = Buffer.concat([clip, skipped]);
			jest.spyOn(RunComfyEmulator, 'file').mockReturnValue(video);
			return video;
		}

		it('goes through PostgreSQL, where n8n keeps it by default', async () => {
			const video = makeVideos(6);
			await startOnlyWorker(5);
			const record = await ended(await call(fromCall(), 'database', ['a boat']));
			const [{ binary }] = itemsOf(record, 'Videos');
			expect(binary?.data).toMatchObject({ mimeType: 'video/mp4', bytes: video.length });
			expect(binary?.data.id).toMatch(/^database:/);
			expect((await main.binary(binary!.data)).equals(video)).toBe(true);
			expect(emulator.count('media')).toBe(1);
		});

		it('that is too large for the database is downloaded once, and the error names the limit', async () => {
			makeVideos(3);
			await startOnlyWorker(5, { N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE: '2' });
			const record = await ended(await call(fromCall(), 'limit', ['a boat']));
			expect(record.status).toBe('error');
			expect(errorOf(record)?.message).toBe('n8n could not store the file');
			expect(errorOf(record)?.description).toContain('N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE');
			expect(emulator.count('media')).toBe(1);
		});

		itWithSmallDisk()(
			'on a full disk is downloaded once, the error says so, and nothing is left',
			async () => {
				const disk = mountSmallDisk();
				try {
					makeVideos(3);
					await startOnlyWorker(5, {
						N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
						N8N_BINARY_DATA_STORAGE_PATH: disk.folder,
					});
					const record = await ended(await call(fromCall(), 'full', ['a boat']));
					expect(record.status).toBe('error');
					expect(errorOf(record)?.message).toBe('n8n could not store the file');
					expect(errorOf(record)?.description).toContain('is full');
					expect(emulator.count('media')).toBe(1);
					expect(disk.files()).toEqual([]);
				} finally {
					await Promise.all(workers.map(async ({ child }) => await endProcess(child)));
					disk.unmount();
				}
			},
		);
	});

	it('Retry of an execution that timed out on a worker picks the requests up, with On Error on Continue', async () => {
		const worker = await startOnlyWorker(5);
		const paidBefore = emulator.paidPosts;
		emulator.requests.clear();
		emulator.delay = ({ endpoint }) => (endpoint === 'cancel' ? 1_500 : 0);
		const json = klingWorkflow(
			{ prompt: '={{ $json.body.prompt }}' },
			{ onError: 'continueErrorOutput' },
		);
		json.settings = { ...json.settings, executionTimeout: 4 };
		const created = await call(json, 'timeout', ['[endless] a boat']);
		const timedOut = await ended(created);
		expect(timedOut.status).toBe('canceled');
		expect(Object.keys(timedOut.data?.resultData.runData ?? {})).toEqual(['Ideas']);
		const [request] = emulator.requests.values();
		await until(
			() => worker.log().includes(`stopped. Request ${request.requestId}`) || undefined,
			10_000,
			'the cancel',
		);
		request.scenario = SCENARIOS.instant;
		void main.retryExecution(timedOut.id).catch(() => undefined);
		const record = await ended(created, 'retry');
		expect(record.status).toBe('success');
		const [{ json: made, binary }] = itemsOf(record, 'Videos');
		expect(made.request_id).toBe(request.requestId);
		expect(binary?.data.mimeType).toBe('video/mp4');
		expect(emulator.paidPosts - paidBefore).toBe(1);
	});

	it('Stop of an execution cancels on the worker what a deployment runs', async () => {
		const worker = await startOnlyWorker(5);
		const { serverless } = host;
		const json = deploymentWorkflow(fields({ '6/text': '={{ $json.body.prompt }}' }));
		const created = await call(json, 'stopped', ['[endless] a boat']);
		await until(() => serverless.count('result') > 0 || undefined, 20_000, 'the first poll');
		const [{ id }] = await main.executions(created.id);
		await main.stopExecution(id);
		await until(
			() => worker.log().includes('The request is cancelled.') || undefined,
			30_000,
			'the end of the cancel',
		);
		const [request] = serverless.requests.values();
		expect(serverless.stateOf(request)).toBe('cancelled');
		expect((await main.ended(id)).status).toBe('canceled');
		expect(serverless.count('submit')).toBe(1);
	});

	it('a worker that is killed leaves the id in its log, and n8n ends the execution as an error', async () => {
		const worker = await startOnlyWorker(5);
		emulator.requests.clear();
		const created = await call(fromCall(), 'killed', ['[endless] a boat']);
		await until(() => worker.log().includes('is submitted') || undefined, 20_000, 'the request');
		await killProcess(worker.child);
		const killedAt = Date.now();
		expect(requestsLeft(worker.log(), '[0-9]+')).toEqual([...emulator.requests.keys()]);

		// n8n's main checks for workers that are gone; another one has to be there for that.
		await startWorker(5);
		const record = await until(
			async () => {
				const [{ id, status }] = await main.executions(created.id);
				return status === 'running' ? undefined : await main.execution(id);
			},
			240_000,
			'n8n to notice',
			1_000,
		);
		const seconds = Math.round((Date.now() - killedAt) / 1_000);
		process.stdout.write(
			`\n${seconds} s after its worker was killed the execution is ${record.status}: ${errorOf(record)?.message}\n`,
		);
		expect(record.status).toBe('error');
		expect(record.data?.resultData.runData['Kling Video']).toBeUndefined();
	}, 400_000);
});
