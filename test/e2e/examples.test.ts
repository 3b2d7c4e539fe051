import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fetch, FormData } from 'undici';
import type { IDataObject, INode } from 'n8n-workflow';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { ideas, klingWorkflow } from '../engine/klingWorkflow';
import { installPackage } from '../host/installPackage';
import { itemsOf, N8n, type ExecutionRecord, type WorkflowJson } from '../host/N8n';
import { until } from '../host/processes';
import { MockModel } from './MockModel';
import { UploadServer } from './UploadServer';

const EXAMPLES = resolve(__dirname, '../../examples');
const CLICK = 'When clicking ‘Execute workflow’';

let n8n: N8n;
let emulator: RunComfyEmulator;
/** What a user chooses in the nodes after the import: a credential for each type of node. */
const credentials: Record<string, INode['credentials']> = {};

beforeAll(async () => {
	emulator = await RunComfyEmulator.start();
	n8n = await N8n.start({ prepare: installPackage });
	const runComfyApi = await n8n.createCredential('runComfyApi', 'RunComfy API', {
		apiToken: emulator.token,
		baseUrl: emulator.url,
	});
	credentials['n8n-nodes-runcomfy.klingVideo'] = { runComfyApi };
	credentials['n8n-nodes-runcomfy.klingVideoTool'] = { runComfyApi };
}, 900_000);

afterAll(async () => {
	await n8n?.stop();
	await emulator?.stop();
});

beforeEach(() => {
	emulator.requests.clear();
	paidBefore = emulator.paidPosts;
});

let paidBefore = 0;
const paid = () => emulator.paidPosts - paidBefore;
const requestIds = () => [...emulator.requests.keys()];

/** An example, imported, with credentials chosen; `change` is what the user edits in it. */
async function imported(
	name: string,
	change: (node: (name: string) => INode, json: WorkflowJson) => void = () => undefined,
): Promise<{ id: string; versionId: string }> {
	const json = JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')) as WorkflowJson;
	for (const node of json.nodes) {
		if (node.type in credentials) node.credentials = credentials[node.type];
	}
	change((wanted) => json.nodes.find((node) => node.name === wanted) as INode, json);
	return await n8n.createWorkflow(json);
}

async function played({ id }: { id: string }, trigger = CLICK): Promise<ExecutionRecord> {
	const record = await n8n.ended(await n8n.run(id, trigger));
	expect(record.data?.resultData.error).toBeUndefined();
	return record;
}

function expectVideos(record: ExecutionRecord, node: string, count: number): void {
	const types = itemsOf(record, node).map(({ binary }) => binary?.data.mimeType);
	expect(types).toEqual(Array.from({ length: count }, () => 'video/mp4'));
}

const jsonOf = (record: ExecutionRecord, node: string) =>
	itemsOf(record, node).map(({ json }) => json);

const examples: Record<string, () => Promise<void>> = {
	async 'prompt-to-video'() {
		const record = await played(await imported('prompt-to-video'));
		expectVideos(record, 'Kling Video', 1);
		expect(paid()).toBe(1);
	},

	async 'scheduled-social-post'() {
		const telegram = await UploadServer.start();
		try {
			credentials['n8n-nodes-base.telegram'] = {
				telegramApi: await n8n.createCredential('telegramApi', 'Telegram', {
					accessToken: '1:a',
					baseUrl: telegram.url,
				}),
			};
			const workflow = await imported('scheduled-social-post', (node) => {
				const { parameters } = node('Sample ideas');
				parameters.jsonOutput = String(parameters.jsonOutput).replace(
					'A skate',
					'[failing] A skate',
				);
			});
			await played(workflow, 'Set up: run this once');
			const record = await played(workflow, 'Every morning');

			const texts = telegram.uploads.map(({ body }) => body.toString('latin1'));
			expect(telegram.uploads.map(({ path }) => path)).toEqual(Array(2).fill('/bot1:a/sendVideo'));
			expect(texts[0]).toMatch(
				/Monday starts here[\s\S]*video\/mp4|video\/mp4[\s\S]*Monday starts/,
			);
			expect(texts[1]).toContain('Slow down for five seconds');
			const [first, second, third] = requestIds();
			expect(jsonOf(record, 'Posted')).toMatchObject([
				{ status: 'posted', request_id: first, caption: 'Monday starts here ☕' },
				{ status: 'posted', request_id: third },
			]);
			expect(jsonOf(record, 'Failed')).toMatchObject([
				{ status: 'failed', request_id: second, reason: 'RunComfy could not make this video' },
			]);
			expect(paid()).toBe(3);

			await played(workflow, 'Every morning');
			expect(paid()).toBe(3);
		} finally {
			await telegram.stop();
		}
	},

	async 'batch-from-a-sheet'() {
		const workflow = await imported('batch-from-a-sheet');
		const trigger = (await n8n.workflow(workflow.id)).nodes.find(({ type }) =>
			type.endsWith('formTrigger'),
		) as INode;
		await n8n.activate(workflow);
		const form = new FormData();
		const rows = [
			'title,prompt,seconds,format',
			'Boat,a boat,3,1:1',
			'Bad row,too long,99,16:9',
			'Fails,[failing] a lamp,4,16:9',
			'Lamp,"a lamp, at night",4,9:16',
		];
		form.set('field-0', new File([rows.join('\n')], 'sheet.csv', { type: 'text/csv' }));
		await until(
			async () => {
				const url = `${n8n.url}/form/${trigger.webhookId}`;
				return (await fetch(url, { method: 'POST', body: form })).ok || undefined;
			},
			20_000,
			'the form',
		);
		const { id } = await until(
			async () => (await n8n.executions(workflow.id))[0],
			20_000,
			'the upload to start an execution',
		);
		const record = await n8n.ended(id);
		expect(record.data?.resultData.error).toBeUndefined();
		expectVideos(record, 'Finished', 2);
		expect(jsonOf(record, 'Finished').map(({ title }) => title)).toEqual(['Boat', 'Lamp']);
		expect(jsonOf(record, 'Failed')).toMatchObject([
			{ title: 'Bad row', reason: expect.stringContaining('Duration must be') },
			{ title: 'Fails', request_id: requestIds()[1] },
		]);
		expect(paid()).toBe(3);
	},

	async 'multi-shot-story'() {
		const record = await played(await imported('multi-shot-story'));
		expectVideos(record, 'Kling Video', 1);
		expect(itemsOf(record, 'Kling Video')[0].binary?.data.fileName).toBe('The last ferry.mp4');
		const [{ input }] = emulator.requests.values();
		expect(input).toMatchObject({ duration: 10, multi_prompt: { length: 3 } });
	},

	async 'submit-now-collect-later'() {
		const workflow = await imported('submit-now-collect-later', (node) => {
			node('Wait').parameters = { amount: 2, unit: 'seconds' };
		});
		expectVideos(await played(workflow), 'Videos', 2);
		expect(paid()).toBe(2);
	},

	async 'ai-agent-with-a-video-tool'() {
		const said = { prompt: 'a lighthouse at night', duration: 4, aspect_ratio: '9:16' };
		const model = await MockModel.start(said);
		try {
			credentials['@n8n/n8n-nodes-langchain.lmChatOpenAi'] = {
				openAiApi: await n8n.createCredential('openAiApi', 'Model', {
					apiKey: 'none',
					url: model.url,
				}),
			};
			const chat = 'When chat message received';
			const workflow = await imported('ai-agent-with-a-video-tool', (_, json) => {
				const message = {
					sessionId: '1',
					action: 'sendMessage',
					chatInput: 'A lighthouse, please',
				};
				json.pinData = { [chat]: [{ json: message }] };
			});
			const record = await played(workflow, chat);
			const [request] = emulator.requests.values();
			expect(request.input).toMatchObject(said);
			expect(jsonOf(record, 'AI Agent')[0].output).toContain(`/media/${request.requestId}`);
			expect(model.tools[0].function).toMatchObject({
				description: expect.stringContaining('costs money'),
				parameters: { properties: { duration: { type: 'number' } } },
			});
			expect(paid()).toBe(1);
		} finally {
			await model.stop();
		}
	},

	async 'recover-a-request'() {
		const submit = klingWorkflow({ operation: 'submit' });
		submit.nodes[1].credentials = credentials[submit.nodes[1].type];
		const pinData = { Ideas: ideas('a boat', 'a lamp') };
		await played(await n8n.createWorkflow({ ...submit, pinData }), 'Ideas');
		const ids = requestIds();
		const workflow = await imported('recover-a-request', (node) => {
			const request_id: IDataObject[string] = [...ids, 'put-a-request-id-here'];
			node('Request IDs').parameters.jsonOutput = JSON.stringify({ request_id });
		});
		const record = await played(workflow);
		expectVideos(record, 'Videos', 2);
		expect(jsonOf(record, 'Not to be had')).toHaveLength(1);
		expect(paid()).toBe(2);
	},
};

describe('every workflow in examples, imported into a real n8n', () => {
	const names = readdirSync(EXAMPLES)
		.filter((file) => file.endsWith('.json'))
		.map((file) => file.replace('.json', ''));

	it.each(names)('%s does what it is for', async (name) => await examples[name]());
});
