import { fetch, FormData } from 'undici';
import type { IDataObject, INode } from 'n8n-workflow';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { DEPLOYMENTS } from '../fixtures/deployments';
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
import { Internet } from './platforms/Internet';
import { sha256, type Upload } from './platforms/Platform';
import { credentialsOf, makePlatforms } from './platforms/platforms';

const portrait = portraitPng();
const CLICK = 'When clicking ‘Execute workflow’';

let host: Host;
let n8n: N8n;
let emulator: RunComfyEmulator;
let runComfy: { id: string; name: string };
let internet: Internet;
/** What a user chooses besides, in nodes of n8n's own: a credential for each type of node. */
const credentials: Record<string, INode['credentials']> = {};
const platforms = makePlatforms(() => emulator.url);
const { drive, facebook, fileHost, runComfyFiles, s3, sheets, slack, telegram, youTube } =
	platforms;

const CREDENTIAL_TYPES = {
	'n8n-nodes-base.facebookGraphApi': 'facebookGraphApi',
	'n8n-nodes-base.googleDrive': 'googleDriveOAuth2Api',
	'n8n-nodes-base.googleSheets': 'googleSheetsOAuth2Api',
	'n8n-nodes-base.s3': 's3',
	'n8n-nodes-base.slack': 'slackApi',
	'n8n-nodes-base.telegram': 'telegramApi',
	'n8n-nodes-base.youTube': 'youTubeOAuth2Api',
} as const;

beforeAll(async () => {
	internet = await Internet.start(platforms);
	host = await startHost({}, { env: internet.env });
	({ n8n, emulator, credential: runComfy } = host);
	for (const [node, type] of Object.entries(CREDENTIAL_TYPES)) {
		const credential = await n8n.createCredential(type, type, credentialsOf(platforms)[type]);
		credentials[node] = { [type]: credential };
	}
}, 900_000);

afterAll(async () => {
	await host?.stop();
	await internet?.stop();
});

beforeEach(() => {
	emulator.calls.length = 0;
	emulator.requests.clear();
	emulator.respond = undefined;
	for (const platform of Object.values(platforms)) platform.uploads.length = 0;
	host.serverless.bodies.clear();
	paidBefore = emulator.paidPosts;
});

let paidBefore = 0;
const paid = () => emulator.paidPosts - paidBefore;
const requestIds = () => [...emulator.requests.keys()];
const requestModels = () => [...emulator.requests.values()].map(({ model }) => model);
const inputs = () => [...emulator.requests.values()].map(({ input }) => input);
/** What deployments were asked to run. */
const runs = () => [...host.serverless.bodies.values()].map((text) => JSON.parse(text) as unknown);

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

/** Uploads a sheet in the form of a workflow, and waits for the execution that it starts. */
async function playedWithSheet(
	workflow: { id: string; versionId: string },
	rows: string[],
): Promise<ExecutionRecord> {
	const trigger = (await n8n.workflow(workflow.id)).nodes.find(({ type }) =>
		type.endsWith('formTrigger'),
	) as INode;
	await n8n.activate(workflow);
	const form = new FormData();
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
	return record;
}

function expectVideos(record: ExecutionRecord, node: string, count: number): void {
	const types = itemsOf(record, node).map(({ binary }) => binary?.data.mimeType);
	expect(types).toEqual(Array.from({ length: count }, () => 'video/mp4'));
}

/** What a platform has of a file of the emulator. */
const uploaded = (file: Buffer, about: Omit<Upload, 'size' | 'sha256'>): Upload => ({
	size: file.length,
	sha256: sha256(file),
	...about,
});

const jsonOf = (record: ExecutionRecord, node: string) =>
	itemsOf(record, node).map(({ json }) => json);

async function importedSheet(): Promise<{ id: string; versionId: string }> {
	return await imported('google-sheet-to-youtube-shorts', (_, { nodes }) => {
		for (const { type, parameters } of nodes) {
			if (type !== 'n8n-nodes-base.googleSheets') continue;
			parameters.documentId = { __rl: true, mode: 'list', value: sheets.id };
			parameters.sheetName = { __rl: true, mode: 'list', value: 'gid=0' };
		}
	});
}

async function importedReel({ url }: MockModel): Promise<{ id: string; versionId: string }> {
	const openAiApi = await n8n.createCredential('openAiApi', 'Model', { apiKey: 'none', url });
	credentials['@n8n/n8n-nodes-langchain.lmChatOpenAi'] = { openAiApi };
	return await imported('ai-idea-to-instagram-reel', (node) => {
		const { assignments } = node('Topic').parameters.assignments as {
			assignments: Array<{ name: string; value: string }>;
		};
		assignments[2].value = facebook.instagramUser;
		node('Wait').parameters.amount = 1;
	});
}

const examples: Record<string, () => Promise<void>> = {
	async 'prompt-to-video'() {
		const record = await played(await imported('prompt-to-video'));
		expectVideos(record, 'Kling Video', 1);
		expect(paid()).toBe(1);
	},

	async 'scheduled-social-post'() {
		const workflow = await imported('scheduled-social-post', (node) => {
			node('Post to Telegram').parameters.chatId = '@a_channel';
			const { parameters } = node('Sample ideas');
			parameters.jsonOutput = String(parameters.jsonOutput).replace('A skate', '[failing] A skate');
		});
		await played(workflow, 'Set up: run this once');
		const record = await played(workflow, 'Every morning');

		const video = { type: 'video/mp4', name: expect.stringMatching(/\.mp4$/) as string };
		expect(telegram.uploads).toEqual([
			uploaded(RunComfyEmulator.file('9:16'), { ...video, title: 'Monday starts here ☕' }),
			uploaded(RunComfyEmulator.file('9:16'), { ...video, title: 'Slow down for five seconds' }),
		]);
		expect(inputs().map(({ aspect_ratio }) => aspect_ratio)).toEqual(Array(3).fill('9:16'));
		const [first, second, third] = requestIds();
		expect(jsonOf(record, 'Posted')).toMatchObject([
			{ status: 'posted', request_id: first, caption: 'Monday starts here ☕' },
			{ status: 'posted', request_id: third, url: expect.stringContaining(third) as string },
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
	},

	async 'google-sheet-to-youtube-shorts'() {
		const columns = [
			'id',
			'title',
			'description',
			'prompt',
			'status',
			'request_id',
			'url',
			'youtube',
			'reason',
		];
		sheets.cells.splice(0, Infinity, columns);
		sheets.cells.push(['1', 'Old', '', 'an old boat', 'posted']);
		sheets.cells.push(['2', '深夜的灯塔 🌊', 'By night', 'a lighthouse', 'new']);
		sheets.cells.push(['3', 'Fails', '', '[failing] a kite', 'new']);
		sheets.cells.push(['4', 'Boat', 'By day', 'a boat', 'new']);
		const workflow = await importedSheet();
		await played(workflow, 'Every morning');

		const type = 'video/mp4';
		expect(youTube.uploads).toEqual([
			uploaded(RunComfyEmulator.file('9:16'), { type, title: '深夜的灯塔 🌊' }),
			uploaded(RunComfyEmulator.file('9:16'), { type, title: 'Boat' }),
		]);
		const [lighthouse, kite, boat] = requestIds();
		expect(sheets.rows).toMatchObject([
			{ id: '1', status: 'posted', request_id: '' },
			{
				id: '2',
				status: 'posted',
				request_id: lighthouse,
				youtube: expect.stringMatching(/video1$/) as string,
			},
			{
				id: '3',
				status: 'failed',
				request_id: kite,
				reason: expect.stringContaining('content policy') as string,
			},
			{ id: '4', status: 'posted', request_id: boat, url: expect.stringContaining(boat) as string },
		]);
		expect(paid()).toBe(3);

		await played(workflow, 'Every morning');
		expect(paid()).toBe(3);
	},

	async 'ai-idea-to-instagram-reel'() {
		const model = await MockModel.start();
		try {
			emulator.respond = (call, usual) =>
				call.endpoint === 'media' ? usual() : runComfyFiles.published(usual());
			const workflow = await importedReel(model);
			const record = await played(workflow, 'Every day');
			const [request] = emulator.requests.values();
			expect(request.input).toEqual({
				prompt: 'Your video is ready: no URL was given',
				duration: 10,
				aspect_ratio: '9:16',
				sound: true,
			});
			expect(facebook.uploads).toEqual([
				uploaded(RunComfyEmulator.file('9:16'), {
					type: 'video/mp4',
					title: 'Earthrise espresso, served daily ☕ #aivideo',
				}),
			]);
			expect(facebook.refusals).toEqual([]);
			expect(jsonOf(record, 'Posted')).toMatchObject([
				{
					status: 'posted',
					request_id: request.requestId,
					url: expect.stringContaining('https://') as string,
				},
			]);
			expect(paid()).toBe(1);
		} finally {
			await model.stop();
		}
	},

	async 'tell-me-when-it-fails'() {
		const workflow = await imported('tell-me-when-it-fails', (node) => {
			for (const name of ['Tell me what failed', 'Tell me what stopped']) {
				node(name).parameters.chatId = '4711';
			}
			const { parameters } = node('Ideas');
			parameters.jsonOutput = String(parameters.jsonOutput).replace(
				'A kite',
				'[failing] A kite <1>',
			);
		});
		telegram.messages.length = 0;
		await played(workflow, 'Every morning');
		const [, kite] = requestIds();
		const [message, ...more] = telegram.messages;
		expect(more).toEqual([]);
		const said = ['content policy', 'charged', `Request ID: ${kite}`, 'Tell me when it fails'];
		expect(said.filter((words) => !message.includes(words))).toEqual([]);
		expect(telegram.refusals).toEqual([]);
		expect(paid()).toBe(2);
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
		const workflow = await imported('product-photos-to-clips', (node) => {
			node('Upload to S3').parameters.bucketName = s3.bucket;
		});
		await played(workflow);
		expect(s3.uploads).toMatchObject([
			{ name: 'Tea at five ☕.mp4', type: 'video/mp4' },
			{ name: 'Golden evenings.mp4', type: 'video/mp4' },
		]);
		expect(requestModels()).toEqual(Array(2).fill('kling/kling-3.0/standard/image-to-video'));
		expect(inputs()).toMatchObject([
			{ start_image_url: 'https://example.com/products/teapot.jpg', generate_audio: false },
			{ start_image_url: 'https://example.com/products/lamp.png' },
		]);
		expect(paid()).toBe(2);
	},

	async 'batch-from-a-sheet'() {
		const workflow = await imported('batch-from-a-sheet');
		const record = await playedWithSheet(workflow, [
			'title,prompt,seconds,format',
			'Boat,a boat,3,1:1',
			'Bad row,too long,99,16:9',
			'Fails,[failing] a lamp,4,16:9',
			'Lamp,"a lamp, at night",4,9:16',
		]);
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

	async 'run-your-comfyui-workflow'() {
		const workflow = await imported('run-your-comfyui-workflow', (node) => {
			const { parameters } = node('RunComfy Deployment');
			Object.assign(parameters.deployment as IDataObject, { value: DEPLOYMENTS.textToImage });
			Object.assign(parameters.inputs as IDataObject, { value: { '6/text': 'A paper boat' } });
		});
		const record = await played(workflow);
		const [{ json, binary }] = itemsOf(record, 'RunComfy Deployment');
		expect(binary?.data.mimeType).toBe('image/png');
		const overrides = { ...(json.seeds as object), 6: { inputs: { text: 'A paper boat' } } };
		expect(runs()).toEqual([{ overrides }]);
	},

	async 'batch-of-images-with-your-own-style'() {
		const workflow = await imported('batch-of-images-with-your-own-style', (node) => {
			const { deployment } = node('RunComfy Deployment').parameters;
			Object.assign(deployment as IDataObject, { value: DEPLOYMENTS.textToImage });
			node('Post to Telegram').parameters.chatId = '@a_channel';
		});
		const record = await playedWithSheet(workflow, [
			'title,prompt,seed',
			'Boat,a boat,18446744073709551615',
			'Bad row,a lamp,many',
			'Fails,[nodeErrors] a lamp,7',
		]);
		expect(jsonOf(record, 'Finished')).toMatchObject([{ title: 'Boat', node_title: 'Save Image' }]);
		expect(jsonOf(record, 'Failed')).toMatchObject([
			{
				title: 'Bad row',
				reason: expect.stringContaining('seed must be a whole number') as string,
			},
			{ title: 'Fails', reason: expect.stringContaining('KSampler: Value') as string },
		]);
		expect(telegram.uploads).toMatchObject([{ title: 'Boat', type: 'image/png' }]);
		expect([...host.serverless.bodies.values()][0]).toContain('"seed":18446744073709551615');
	},

	async 'picture-then-video'() {
		const workflow = await imported('picture-then-video', (node) => {
			const { options } = node('Post to Slack').parameters;
			Object.assign(options as object, { channelId: 'C012AB3CD' });
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
		expect(slack.uploads).toMatchObject([{ type: 'video/mp4' }]);
		expect(paid()).toBe(2);
	},

	async 'picture-video-voice'() {
		emulator.respond = (call, usual) =>
			call.endpoint === 'media' ? usual() : runComfyFiles.published(usual());
		await played(await imported('picture-video-voice'));
		const [, video] = requestIds();
		const voice = RunComfyEmulator.file(undefined, 'mp3').toString('base64');
		expect(requestModels()).toEqual([
			'blackforestlabs/flux-2/flash/text-to-image',
			'kling/kling-3.0/standard/image-to-video',
			'bytedance/seed-audio-1.0/text-to-audio',
			'sync/sync/lipsync/v2/pro',
		]);
		expect(inputs()).toMatchObject([
			{ image_size: 'portrait_16_9' },
			{ start_image_url: expect.stringMatching(/^data:image\/png;base64,/) as string, duration: 5 },
			{ prompt: expect.stringContaining('forty years') as string },
			{
				audio_url: `data:audio/mpeg;base64,${voice}`,
				video_url: expect.stringMatching(`^https://.*${video}`) as string,
			},
		]);
		expect(drive.uploads).toMatchObject([{ name: 'Lighthouse keeper.mp4', type: 'video/mp4' }]);
		expect(paid()).toBe(4);
	},

	async 'voice-over'() {
		await played(await imported('voice-over'));
		expect(inputs()).toEqual([
			{ prompt: expect.stringContaining('Welcome'), output_format: 'mp3', speed: 0.9 },
			{ prompt: expect.stringContaining('from nine'), output_format: 'mp3', speed: 0.9 },
		]);
		const sound = RunComfyEmulator.file(undefined, 'mp3');
		expect(drive.uploads).toEqual([
			uploaded(sound, { name: 'Welcome.mp3', type: 'audio/mpeg' }),
			uploaded(sound, { name: 'Opening hours.mp3', type: 'audio/mpeg' }),
		]);
		expect(emulator.count('model')).toBe(1);
		expect(paid()).toBe(2);
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

describe('when nothing can be posted', () => {
	it.each(['the platform is down', 'no credential is chosen'])(
		'scheduled-social-post keeps ID, URL and reason in the row, and pays once (%s)',
		async (cause) => {
			const workflow = await imported('scheduled-social-post', (node) => {
				node('Post to Telegram').parameters.chatId = '@a_channel';
				if (cause !== 'the platform is down') delete node('Post to Telegram').credentials;
			});
			await played(workflow, 'Set up: run this once');
			telegram.down = cause === 'the platform is down';
			const record = await played(workflow, 'Every morning');
			telegram.down = false;
			expect(jsonOf(record, 'Failed')).toMatchObject(
				requestIds().map((id) => ({
					status: 'failed',
					request_id: id,
					url: expect.stringContaining(id) as string,
					reason: expect.stringMatching(/unavailable|any credentials set/) as string,
				})),
			);
			expect(jsonOf(record, 'Posted')).toEqual([]);
			await played(workflow, 'Every morning');
			expect(telegram.uploads).toEqual([]);
			expect(paid()).toBe(3);
		},
	);

	it('google-sheet-to-youtube-shorts keeps ID, URL and reason in the row, and pays once', async () => {
		sheets.cells.splice(1, Infinity, ['1', 'Boat', '', 'a boat', 'new']);
		const workflow = await importedSheet();
		youTube.down = true;
		await played(workflow, 'Every morning');
		youTube.down = false;
		const [id] = requestIds();
		const kept = {
			status: 'failed',
			request_id: id,
			url: expect.stringContaining(id) as string,
			youtube: '',
			reason: expect.stringMatching(/\w/) as string,
		};
		expect(sheets.rows).toMatchObject([kept]);
		await played(workflow, 'Every morning');
		expect(youTube.uploads).toEqual([]);
		expect(paid()).toBe(1);
	});

	it('ai-idea-to-instagram-reel keeps ID, URL and reason in the row', async () => {
		const model = await MockModel.start();
		try {
			const workflow = await importedReel(model);
			const record = await played(workflow, 'Every day');
			const [id] = requestIds();
			expect(jsonOf(record, 'Not posted')).toMatchObject([
				{
					status: 'failed',
					request_id: id,
					url: expect.stringContaining(id) as string,
					reason: expect.stringContaining('Bad request') as string,
				},
			]);
			expect(facebook.uploads).toEqual([]);
			expect(paid()).toBe(1);
		} finally {
			await model.stop();
		}
	});

	it('tell-me-when-it-fails sends a message when the run stops', async () => {
		const workflow = await imported('tell-me-when-it-fails', (node) => {
			node('Tell me what stopped').parameters.chatId = '4711';
			node('Every morning').parameters.rule = {
				interval: [{ field: 'seconds', secondsInterval: 2 }],
			};
			Object.assign(node('Videos'), {
				type: 'n8n-nodes-base.httpRequest',
				typeVersion: 4.2,
				parameters: {
					method: 'PUT',
					url: 'https://files.example.com/video.mp4',
					sendBody: true,
					contentType: 'binaryData',
					inputDataFieldName: 'data',
				},
			});
		});
		telegram.messages.length = 0;
		fileHost.down = true;
		await n8n.activate(workflow);
		const message = await until(() => telegram.messages[0], 60_000, 'the message');
		await n8n.deactivate(workflow);
		fileHost.down = false;
		expect(message).toMatch(/Tell me when it fails stopped\n.*\S.*\n\nNode: Videos\n/);
		expect(message).toMatch(/\nhttp:\S+\/executions?\/\d+/);
	});
});
