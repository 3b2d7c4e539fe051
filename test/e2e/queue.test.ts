import getPort from 'get-port';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetch } from 'undici';
import type { INode } from 'n8n-workflow';
import type { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { klingWorkflow } from '../engine/klingWorkflow';
import {
	chooseCredential,
	itemsOf,
	nodeOf,
	readExample,
	type WorkflowJson,
} from '../fixtures/workflows';
import { startHost, type Host } from '../host/host';
import { installPackage } from '../host/installPackage';
import type { N8n } from '../host/N8n';
import { endProcess, startProcess, until } from '../host/processes';
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

	async function startWorker(concurrency: number): Promise<Worker> {
		const folder = mkdtempSync(join(tmpdir(), 'n8n-worker-'));
		folders.push(folder);
		installPackage(folder);
		let log = '';
		const child = await startProcess(
			`worker --concurrency=${concurrency}`,
			{ ...env, N8N_USER_FOLDER: folder, N8N_RUNNERS_BROKER_PORT: `${await getPort()}` },
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

	/** Puts a webhook in front of a workflow and calls it so many times: production executions. */
	async function flood(json: WorkflowJson, path: string): Promise<{ id: string }> {
		const [trigger] = json.nodes.filter(({ type }) => type === 'n8n-nodes-base.manualTrigger');
		Object.assign(trigger, {
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: path,
			parameters: { httpMethod: 'POST', path, responseMode: 'onReceived' },
		} satisfies Partial<INode>);
		const created = await main.createWorkflow(chooseCredential(json, credential));
		await main.activate(created);
		const call = async (prompt: string) =>
			await fetch(`${main.url}/webhook/${path}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ prompt }),
			});
		for (let job = 0; job < JOBS; ) {
			const { status } = await call(`[demo] ${path} ${job}`);
			if (status === 200) job++;
			else await new Promise((done) => setTimeout(done, 200));
		}
		return created;
	}

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
				const held =
					(first.log().match(/is submitted/g) ?? []).length -
					(first.log().match(/is completed/g) ?? []).length;
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

		const completed = new Set(
			[...log.matchAll(/request (\S+) of item 0 is completed/g)].map(([, at]) => at),
		);
		const orphans = [...log.matchAll(/request (\S+) of item 0 is submitted/g)]
			.map(([, requestId]) => requestId)
			.filter((requestId) => !completed.has(requestId));
		process.stdout.write(
			`${orphans.length} requests stand only in the log; Get Result collects them.\n`,
		);
		const recover = chooseCredential(
			klingWorkflow({
				operation: 'getResult',
				waitForCompletion: true,
				request_id: '={{ $json.id }}',
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

	it(`keeps ${JOBS} jobs in flight on one worker with concurrency 5, by Submit, Wait, Get Result`, async () => {
		await Promise.all(workers.map(async ({ child }) => await endProcess(child)));
		await startWorker(5);
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
});
