import { fetch, FormData } from 'undici';
import type { IDataObject, INode } from 'n8n-workflow';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { portraitPng } from '../fixtures/pictures';
import { ideas, klingWorkflow } from '../engine/klingWorkflow';
import {
	chooseCredential,
	exampleNames,
	itemsOf,
	nodeOf,
	readExample,
	type WorkflowJson,
} from '../fixtures/workflows';
import { startHost, type Host } from '../host/host';
import type { ExecutionRecord, N8n } from '../host/N8n';
import { until } from '../host/processes';
import { MockModel } from './MockModel';
import { UploadServer } from './UploadServer';

const portrait = portraitPng();
const CLICK = 'When clicking ‘Execute workflow’';

let host: Host;
let n8n: N8n;
let emulator: RunComfyEmulator;
let runComfy: { id: string; name: string };
/** What a user chooses besides, in nodes of n8n's own: a credential for each type of node. */
const credentials: Record<string, INode['credentials']> = {};

beforeAll(async () => {
	host = await startHost();
	({ n8n, emulator, credential: runComfy } = host);
}, 900_000);

afterAll(async () => await host?.stop());

beforeEach(() => {
	emulator.calls.length = 0;
	emulator.requests.clear();
	paidBefore = emulator.paidPosts;
});

let paidBefore = 0;
const paid = () => emulator.paidPosts - paidBefore;
const requestIds = () => [...emulator.requests.keys()];
const requestModels = () => [...emulator.requests.values()].map(({ model }) => model);
const inputs = () => [...emulator.requests.values()].map(({ input }) => input);

/** An example, imported, with credentials chosen; `change` is what the user edits in it. */
async function imported(
	name: string,
	change: (node: (name: string) => INode, json: WorkflowJson) => void = () => undefined,
): Promise<{ id: string; versionId: string }> {
	const json = chooseCredential(readExample(name), runComfy);
	for (const node of json.nodes) {
		if (node.type in credentials) node.credentials = credentials[node.type];
	}
	change((wanted) => nodeOf(json, wanted), json);
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
			expect(texts[1]).toMatch(/Slow down for five[\s\S]*video\/mp4|video\/mp4[\s\S]*Slow down/);
			expect(inputs().map(({ aspect_ratio }) => aspect_ratio)).toEqual(Array(3).fill('9:16'));
			const [first, second, third] = requestIds();
			expect(jsonOf(record, 'Posted')).toMatchObject([
				{ status: 'posted', request_id: first, caption: 'Monday starts here ☕' },
				{ status: 'posted', request_id: third },
			]);
			expect(jsonOf(record, 'Failed')).toMatchObject([
				{
					status: 'failed',
					request_id: second,
					reason: "RunComfy couldn't generate the video: content policy",
					caption: 'Golden hour, no hurry',
				},
			]);
			expect(paid()).toBe(3);

			await played(workflow, 'Every morning');
			expect(paid()).toBe(3);
		} finally {
			await telegram.stop();
		}
	},

	async 'image-to-video'() {
		const workflow = await imported('image-to-video');
		const trigger = (await n8n.workflow(workflow.id)).nodes.find(({ type }) =>
			type.endsWith('formTrigger'),
		) as INode;
		await n8n.activate(workflow);
		/** Uploads a picture, and goes through the form as the browser does, to its last page. */
		const upload = async (picture: Buffer) => {
			const form = new FormData();
			form.set('field-0', new File([picture], 'me.png', { type: 'image/png' }));
			form.set('field-1', 'a portrait that blinks');
			const waitingUrl = await until(
				async () => {
					const url = `${n8n.url}/form/${trigger.webhookId}`;
					const response = await fetch(url, { method: 'POST', body: form });
					if (!response.ok) return undefined;
					const { formWaitingUrl } = (await response.json()) as { formWaitingUrl: string };
					const { pathname, search } = new URL(formWaitingUrl);
					return new URL(`${pathname}${search}`, n8n.url);
				},
				20_000,
				'the form',
			);
			const { id } = await until(
				async () => (await n8n.executions(workflow.id))[0],
				20_000,
				'the upload to start an execution',
			);
			const statusUrl = new URL(waitingUrl);
			statusUrl.pathname += '/n8n-execution-status';
			await until(
				async () => (await (await fetch(statusUrl)).text()) === 'form-waiting' || undefined,
				30_000,
				'the last page of the form',
			);
			const page = await (await fetch(waitingUrl)).text();
			await fetch(waitingUrl, { method: 'POST' });
			const record = await n8n.ended(id);
			expect(record.data?.resultData.error).toBeUndefined();
			return { page, record };
		};

		const refused = await upload(Buffer.from('no picture'));
		expect(refused.page).toContain('There is no video');
		expect(refused.page).toContain('Start Image must be jpg, png, bmp or webp');
		expect(paid()).toBe(0);

		const { page, record } = await upload(portrait);
		expect(page).toContain('Your video is ready');
		expect(page).toContain(encodeURIComponent('video/mp4'));
		const [{ binary }] = itemsOf(record, 'Kling Video');
		const video = await n8n.binary(binary!.data);
		expect(video.equals(RunComfyEmulator.file('9:16'))).toBe(true);
		expect(inputs()).toEqual([
			{
				prompt: 'a portrait that blinks',
				start_image_url: `data:image/png;base64,${portrait.toString('base64')}`,
				duration: 5,
				generate_audio: true,
			},
		]);
		expect(paid()).toBe(1);
	},

	async 'product-photos-to-clips'() {
		const server = await UploadServer.start();
		try {
			const workflow = await imported('product-photos-to-clips', (node) => {
				node('Upload').parameters.url = server.url;
			});
			await played(workflow);
			const texts = server.uploads.map(({ body }) => body.toString('latin1'));
			expect(texts).toHaveLength(2);
			expect(texts[1]).toMatch(/Golden evenings[\s\S]*video\/mp4/);
			expect(requestModels()).toEqual(Array(2).fill('kling/kling-3.0/standard/image-to-video'));
			expect(inputs()).toMatchObject([
				{ start_image_url: 'https://example.com/products/teapot.jpg', generate_audio: false },
				{ start_image_url: 'https://example.com/products/lamp.png' },
			]);
			expect(paid()).toBe(2);
		} finally {
			await server.stop();
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
		expect(itemsOf(record, 'Finished')[0].binary?.data.fileName).toBe('Boat.mp4');
		expect(jsonOf(record, 'Failed')).toEqual([
			{
				title: 'Bad row',
				request_id: null,
				reason: expect.stringContaining('Duration (Seconds) must be'),
				what_to_do: expect.any(String),
			},
			{
				title: 'Fails',
				request_id: requestIds()[1],
				reason: "RunComfy couldn't generate the video: content policy",
				what_to_do: expect.any(String),
			},
		]);
		expect(paid()).toBe(3);
	},

	async 'multi-shot-story'() {
		const record = await played(await imported('multi-shot-story'));
		expectVideos(record, 'Kling Video', 1);
		expect(itemsOf(record, 'Kling Video')[0].binary?.data.fileName).toBe('The last ferry.mp4');
		expect(inputs()).toMatchObject([
			{ duration: 10, multi_prompt: [{ duration: 3 }, { duration: 4 }, { duration: 3 }] },
		]);
	},

	async 'submit-now-collect-later'() {
		const prompts = ['a boat', '[failing] a lamp', '[demo] a ferry', '[noBalance] a kite'];
		const workflow = await imported('submit-now-collect-later', (node) => {
			const ideas = prompts.map((prompt) => ({ title: prompt.replace(/\W*\w+\] /, ''), prompt }));
			node('Ideas').parameters.jsonOutput = JSON.stringify({ ideas });
			node('Wait').parameters = { amount: 2, unit: 'seconds' };
		});
		const record = await played(workflow);
		const inAllRounds = (name: string) =>
			(record.data?.resultData.runData[name] ?? []).flatMap(({ data }) => data?.main[0] ?? []);
		const videos = inAllRounds('Videos');
		const [boat, lamp, ferry] = requestIds();
		expect(videos.map(({ json }) => json.request_id)).toEqual([boat, ferry]);
		expect(videos.map(({ binary }) => binary?.data.mimeType)).toEqual(['video/mp4', 'video/mp4']);
		expect(inAllRounds('Failed').map(({ json }) => json)).toMatchObject([
			{
				title: 'a lamp',
				request_id: lamp,
				reason: "RunComfy couldn't generate the video: content policy",
			},
			{ title: 'a kite', request_id: null, reason: expect.stringContaining('balance is too low') },
		]);
		expect(paid()).toBe(3);
	},

	async 'ai-agent-with-a-video-tool'() {
		const said = { prompt: 'a lighthouse at night', duration: 4, aspect_ratio: '9:16' };
		const model = await MockModel.start([said]);
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
			expect(request.input).toEqual({ ...said, sound: true });
			expect(emulator.count('media')).toBe(0);
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

	async 'any-model'() {
		const record = await played(await imported('any-model'));
		const [{ binary }] = itemsOf(record, 'RunComfy');
		expect(binary?.data.mimeType).toBe('image/png');
		const picture = await n8n.binary(binary!.data);
		expect(picture.equals(RunComfyEmulator.file(undefined, 'png'))).toBe(true);
		expect(inputs()).toEqual([
			{ prompt: expect.stringContaining('A paper boat'), image_size: 'landscape_16_9' },
		]);
		expect(paid()).toBe(1);
	},

	async 'picture-then-video'() {
		const server = await UploadServer.start();
		try {
			const workflow = await imported('picture-then-video', (node) => {
				node('Upload').parameters.url = server.url;
			});
			await played(workflow);
			const picture = RunComfyEmulator.file(undefined, 'png').toString('base64');
			expect(requestModels()).toEqual([
				'blackforestlabs/flux-2/flash/text-to-image',
				'kling/kling-3.0/standard/image-to-video',
			]);
			expect(inputs()).toMatchObject([
				{ prompt: expect.stringContaining('A lighthouse'), image_size: 'landscape_16_9' },
				{
					prompt: expect.stringContaining('The lamp turns'),
					start_image_url: `data:image/png;base64,${picture}`,
				},
			]);
			const texts = server.uploads.map(({ body }) => body.toString('latin1'));
			expect(texts).toEqual([expect.stringMatching(/Good night[\s\S]*video\/mp4/)]);
			expect(paid()).toBe(2);
		} finally {
			await server.stop();
		}
	},

	async 'voice-over'() {
		const server = await UploadServer.start();
		try {
			const workflow = await imported('voice-over', (node) => {
				node('Upload').parameters.url = server.url;
			});
			await played(workflow);
			expect(inputs()).toEqual([
				{ prompt: expect.stringContaining('Welcome'), output_format: 'mp3', speed: 0.9 },
				{ prompt: expect.stringContaining('from nine'), output_format: 'mp3', speed: 0.9 },
			]);
			const texts = server.uploads.map(({ body }) => body.toString('latin1'));
			expect(texts).toEqual([
				expect.stringMatching(/Welcome\.mp3[\s\S]*audio\/mpeg/),
				expect.stringMatching(/Opening hours\.mp3[\s\S]*audio\/mpeg/),
			]);
			expect(emulator.count('model')).toBe(1);
			expect(paid()).toBe(2);
		} finally {
			await server.stop();
		}
	},

	async 'recover-a-request'() {
		const submit = chooseCredential(klingWorkflow({ operation: 'submit' }), runComfy);
		const pinData = { Ideas: ideas('a boat', 'a lamp') };
		await played(await n8n.createWorkflow({ ...submit, pinData }), 'Ideas');
		const ids = requestIds();
		const workflow = await imported('recover-a-request', (node) => {
			const request_id: IDataObject[string] = [...ids, 'put-a-request-id-here'];
			node('Request IDs').parameters.jsonOutput = JSON.stringify({ request_id });
		});
		const record = await played(workflow);
		expectVideos(record, 'Videos', 2);
		expect(jsonOf(record, 'Videos').map(({ request_id }) => request_id)).toEqual(ids);
		expect(jsonOf(record, 'Not available')).toMatchObject([
			{ error: 'RunComfy does not know this request' },
		]);
		expect(paid()).toBe(2);
	},
};

describe('every workflow in examples, imported into a real n8n', () => {
	it.each(exampleNames)('%s does what it is for', async (name) => await examples[name]());
});
