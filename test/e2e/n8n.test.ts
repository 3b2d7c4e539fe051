import { stringify } from 'flatted';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { IBinaryKeyData, IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { SCENARIOS } from '../emulator/scenarios';
import { ideas, klingWorkflow } from '../engine/klingWorkflow';
import { portraitPng } from '../fixtures/pictures';
import { chooseCredential, itemsOf, nodeOf, type WorkflowJson } from '../fixtures/workflows';
import { startHost, type Host } from '../host/host';
import type { ExecutionRecord, N8n } from '../host/N8n';
import { until } from '../host/processes';

const TYPE = 'n8n-nodes-runcomfy.klingVideo';

let host: Host;
let n8n: N8n;
let emulator: RunComfyEmulator;
let credential: { id: string; name: string };

beforeAll(async () => {
	host = await startHost();
	({ n8n, emulator, credential } = host);
}, 900_000);

afterAll(async () => await host?.stop());

beforeEach(() => {
	emulator.calls.length = 0;
	emulator.requests.clear();
	emulator.chooseFault = undefined;
	emulator.delay = undefined;
	paidBefore = emulator.paidPosts;
});

let paidBefore = 0;
const paid = () => emulator.paidPosts - paidBefore;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const to = (node: string, type = 'main') => ({ node, type: type as 'main', index: 0 });

/** The workflow of the engine's tests, with its items pinned to the trigger. */
function workflow(
	prompts: string[],
	parameters: INodeParameters = {},
	settings: Partial<INode> = {},
): WorkflowJson {
	return {
		...chooseCredential(klingWorkflow(parameters, settings), credential),
		pinData: { Ideas: ideas(...prompts) },
	};
}

async function play(json: WorkflowJson, trigger = 'Ideas'): Promise<ExecutionRecord> {
	const { id } = await n8n.createWorkflow(json);
	return await n8n.ended(await n8n.run(id, trigger));
}

const lastWordOf = (requestId: string) => `stopped. Request ${requestId}`;

/** Runs an execution again, as the Executions list does, to its end. */
async function retry(executionId: string, workflowId: string): Promise<ExecutionRecord> {
	void n8n.retryExecution(executionId).catch(() => undefined);
	const retried = await until(
		async () => (await n8n.executions(workflowId)).find(({ mode }) => mode === 'retry'),
		20_000,
		'the retry',
	);
	return await n8n.ended(retried.id);
}

describe('the tarball in a real n8n', () => {
	type NodeType = { name: string; iconUrl?: { light: string; dark: string }; outputs: string[] };
	const types = async () => await n8n.get<NodeType[]>('/types/nodes.json');

	it('is loaded, with its icons in light and dark', async () => {
		const nodes = await types();
		const { iconUrl } = nodes.find(({ name }) => name === TYPE) ?? {};
		expect(iconUrl).toEqual({
			light: expect.stringContaining('kling-video.svg'),
			dark: expect.stringContaining('kling-video.dark.svg'),
		});
	});

	it('has a tool made of it whose type ends with Tool (n8n 2.41.1), for errors/agentTool.ts', async () => {
		const nodes = await types();
		const ours = nodes.filter(({ name }) => name.startsWith(TYPE));
		expect(ours.map(({ name, outputs }) => [name, outputs])).toEqual([
			[TYPE, ['main']],
			[`${TYPE}Tool`, ['ai_tool']],
		]);
	});
});

describe('the credential', () => {
	it('is accepted with a good token', async () => {
		expect(
			await n8n.testCredential('runComfyApi', { apiToken: emulator.token, baseUrl: emulator.url }),
		).toEqual({ status: 'OK', message: 'RunComfy accepted the token' });
		expect(paid()).toBe(0);
	});

	it('is refused with a bad one, and not judged without a server', async () => {
		const bad = await n8n.testCredential('runComfyApi', {
			apiToken: 'bad-token',
			baseUrl: emulator.url,
		});
		expect(bad).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('RunComfy rejected this token'),
		});
		const none = await n8n.testCredential('runComfyApi', {
			apiToken: emulator.token,
			baseUrl: 'http://127.0.0.1:9',
		});
		expect(none).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('could not be checked'),
		});
	});
});

describe('every operation', () => {
	it('Generate and Wait gives the emulator’s very bytes', async () => {
		const record = await play(workflow(['a boat'], { aspectRatio: '1:1' }));
		const [{ json, binary }] = itemsOf(record, 'Kling Video');
		expect(record.status).toBe('success');
		expect(json.status).toBe('completed');
		expect(binary?.data).toMatchObject({
			mimeType: 'video/mp4',
			fileName: `${json.request_id}.mp4`,
		});
		expect(sha256(await n8n.binary(binary!.data))).toBe(sha256(RunComfyEmulator.file('1:1')));
		expect(paid()).toBe(1);
	});

	it('Submit, Get Request Status, Cancel and Get Request Result pass one request on', async () => {
		const json = workflow(['[queued] a boat'], { operation: 'submit' });
		const kling = nodeOf(json, 'Kling Video');
		const step = (name: string, operation: string) => ({
			...kling,
			id: name,
			name,
			parameters: { operation },
		});
		json.nodes.push(
			step('Status', 'getStatus'),
			step('Cancel', 'cancel'),
			step('Result', 'getResult'),
		);
		json.connections['Kling Video'] = { main: [[to('Status')]] };
		json.connections.Status = { main: [[to('Cancel')]] };
		json.connections.Cancel = { main: [[to('Result')]] };
		const record = await play(json);
		const [id] = emulator.requests.keys();
		expect(itemsOf(record, 'Kling Video')[0].json.request_id).toBe(id);
		expect(itemsOf(record, 'Status')[0].json).toMatchObject({
			status: 'in_queue',
			queue_position: 7,
		});
		expect(itemsOf(record, 'Cancel')[0].json).toMatchObject({ cancelled: true });
		expect(record.data?.resultData.error).toMatchObject({
			message: 'The request was cancelled in RunComfy',
			description: expect.stringContaining(id),
		});
		expect(paid()).toBe(1);
	});
});

describe('Stop', () => {
	it('during a wait cancels the queued request, and nothing polls afterwards', async () => {
		const { id } = await n8n.createWorkflow(workflow(['[queued] a boat']));
		const execution = await n8n.run(id, 'Ideas');
		await until(() => emulator.count('result') || undefined, 20_000, 'a first look');
		await n8n.stopExecution(execution);
		await until(() => emulator.count('cancel') || undefined, 5_000, 'the cancel');
		const [request] = emulator.requests.values();
		expect(emulator.stateOf(request)).toBe('cancelled');
		const calls = emulator.calls.length;
		await new Promise((resolve) => setTimeout(resolve, 6_000));
		expect(emulator.calls).toHaveLength(calls);
		expect((await n8n.execution(execution)).status).toBe('canceled');
		expect(n8n.log).toContain(
			`item 0: stopped. Request ${request.requestId}: The request is cancelled.`,
		);
		expect(paid()).toBe(1);
	});

	it('by the workflow’s timeout cancels the queued request, and nothing polls afterwards', async () => {
		const json = workflow(['[queued] a boat']);
		json.settings = { executionTimeout: 4 };
		const record = await play(json);
		expect(record.status).toBe('canceled');
		await until(() => emulator.count('cancel') || undefined, 5_000, 'the cancel');
		const [request] = emulator.requests.values();
		expect(emulator.stateOf(request)).toBe('cancelled');
		expect(paid()).toBe(1);
	});
});

describe('Retry of an execution that timed out', () => {
	it.each<Partial<INode>>([
		{ onError: 'stopWorkflow' },
		{ onError: 'continueRegularOutput' },
		{ onError: 'continueErrorOutput' },
		{ onError: 'continueErrorOutput', retryOnFail: true },
	])(
		'with %o runs the node again: the requests are picked up, and nothing is paid again',
		async (settings) => {
			// As slow as RunComfy may be, so that n8n saves the execution before the cancels are answered.
			emulator.delay = ({ endpoint }) => (endpoint === 'cancel' ? 1_500 : 0);
			const json = workflow(['[endless] one', '[endless] two'], {}, settings);
			json.settings = { ...json.settings, executionTimeout: 4 };
			const { id } = await n8n.createWorkflow(json);
			const timedOut = await n8n.ended(await n8n.run(id, 'Ideas'));
			expect(timedOut.status).toBe('canceled');
			expect(Object.keys(timedOut.data?.resultData.runData ?? {})).toEqual(['Ideas']);
			await until(
				() => n8n.log.includes(lastWordOf([...emulator.requests.keys()][1])) || undefined,
				10_000,
				'the cancels',
			);
			for (const request of emulator.requests.values()) request.scenario = SCENARIOS.instant;

			const record = await retry(timedOut.id, id);
			expect(record.status).toBe('success');
			const made = itemsOf(record, 'Kling Video');
			expect(made.map(({ json: { request_id } }) => request_id)).toEqual([
				...emulator.requests.keys(),
			]);
			expect(made.map(({ binary }) => binary?.data.mimeType)).toEqual(['video/mp4', 'video/mp4']);
			expect(itemsOf(record, 'Videos')).toHaveLength(2);
			expect(itemsOf(record, 'Failures')).toHaveLength(0);
			expect(emulator.count('submit')).toBe(2);
			expect(paid()).toBe(2);
		},
	);
});

describe('a second try', () => {
	const failFirstStatus = () => {
		let failed = false;
		emulator.chooseFault = ({ endpoint }) => {
			if (failed || endpoint !== 'result') return undefined;
			failed = true;
			return 'forbidden';
		};
	};

	it('by Retry On Fail picks the request up: one paid POST', async () => {
		failFirstStatus();
		const record = await play(
			workflow(['a boat'], {}, { retryOnFail: true, waitBetweenTries: 100 }),
		);
		expect(record.status).toBe('success');
		expect(emulator.count('submit')).toBe(1);
		expect(paid()).toBe(1);
	});

	it('by Retry execution picks the request up: one paid POST', async () => {
		failFirstStatus();
		const { id } = await n8n.createWorkflow(workflow(['a boat']));
		const failed = await n8n.ended(await n8n.run(id, 'Ideas'));
		expect(failed.status).toBe('error');
		const record = await retry(failed.id, id);
		expect(record.status).toBe('success');
		expect(itemsOf(record, 'Kling Video')[0].binary?.data.mimeType).toBe('video/mp4');
		expect(emulator.count('submit')).toBe(1);
		expect(paid()).toBe(1);
	});
});

describe('a picture becomes a video, read', () => {
	const portrait = portraitPng();
	const source = (node: Partial<INode>): WorkflowJson => {
		const json = workflow(['a portrait'], {
			generateFrom: 'image',
			prompt: 'a portrait',
			startImageSource: 'binary',
		});
		json.nodes.push({
			id: '9',
			name: 'Picture',
			typeVersion: 1,
			position: [0, 0],
			...node,
		} as INode);
		json.connections.Ideas = { main: [[to('Picture')]] };
		json.connections.Picture = { main: [[to('Kling Video')]] };
		return json;
	};
	const expectPortrait = async (record: ExecutionRecord) => {
		expect(record.data?.resultData.error).toBeUndefined();
		const [{ binary, json }] = itemsOf(record, 'Kling Video');
		const { data } = binary ?? (json._files as IBinaryKeyData);
		expect(sha256(await n8n.binary(data))).toBe(sha256(RunComfyEmulator.file('9:16')));
		const [{ input }] = emulator.requests.values();
		expect(input.start_image_url).toBe(`data:image/png;base64,${portrait.toString('base64')}`);
		expect(stringify(record.data)).not.toContain(portrait.toString('base64').slice(40, 140));
		expect(n8n.log).not.toContain(portrait.toString('base64').slice(40, 140));
		expect(paid()).toBe(1);
	};

	it('from a file on disk', async () => {
		const folder = n8n.filesFolder;
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, 'portrait.png'), portrait);
		await expectPortrait(
			await play(
				source({
					type: 'n8n-nodes-base.readWriteFile',
					parameters: { fileSelector: join(folder, 'portrait.png'), options: {} },
				}),
			),
		);
	});

	it.each(['separate', 'combined'])(
		'from an HTTP Request node with binaryMode %s (n8n 2.41.1), for inputs/inputFile.ts',
		async (binaryMode) => {
			const server = createServer((_, response) =>
				response.setHeader('content-type', 'image/png').end(portrait),
			).listen(0, '127.0.0.1');
			await once(server, 'listening');
			const { port } = server.address() as AddressInfo;
			try {
				const json = source({
					type: 'n8n-nodes-base.httpRequest',
					typeVersion: 4.2,
					parameters: {
						url: `http://127.0.0.1:${port}/portrait.png`,
						options: { response: { response: { responseFormat: 'file' } } },
					},
				});
				json.settings = { ...json.settings, binaryMode } as typeof json.settings;
				const record = await play(json);
				await expectPortrait(record);
				const [picture] = itemsOf(record, 'Picture');
				expect('_files' in picture.json).toBe(binaryMode === 'combined');
			} finally {
				server.close();
			}
		},
	);
});

describe('in production', () => {
	it('a schedule runs it unattended', async () => {
		const json = workflow(['a boat'], { prompt: 'a scheduled boat' });
		json.nodes[0] = {
			...json.nodes[0],
			type: 'n8n-nodes-base.scheduleTrigger',
			typeVersion: 1.2,
			parameters: {
				rule: { interval: [{ field: 'seconds', secondsInterval: 2 }] },
			} as IDataObject as INodeParameters,
		};
		const created = await n8n.createWorkflow({ ...json, pinData: undefined });
		await n8n.activate(created);
		const first = await until(
			async () => (await n8n.executions(created.id)).find(({ mode }) => mode === 'trigger'),
			30_000,
			'the schedule',
		);
		await n8n.deactivate(created);
		const record = await n8n.ended(first.id);
		expect(record).toMatchObject({ status: 'success', mode: 'trigger' });
		expect(itemsOf(record, 'Kling Video')[0].binary?.data.mimeType).toBe('video/mp4');
		const all = await until(
			async () => {
				const records = await n8n.executions(created.id);
				return records.every(({ status }) => status === 'success') ? records : undefined;
			},
			30_000,
			'all scheduled runs to end',
		);
		expect(paid()).toBe(all.length);
	});
});
