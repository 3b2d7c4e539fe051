import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { itemsOf } from '../fixtures/workflows';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, errorOf, type World } from './world';

const FLUX = 'blackforestlabs/flux-2/flash/text-to-image';
const EDIT = 'openai/gpt-image-2/edit';
const MIB = 2 ** 20;
const file = (name: string) => readFileSync(join(__dirname, '../fixtures/formats', name));
const inItem = (bytes: Buffer) => ({
	data: bytes.toString('base64'),
	mimeType: 'application/octet-stream',
});
const dataUri = (bytes: Buffer, type: string) => `data:${type};base64,${bytes.toString('base64')}`;

let world: World;
beforeEach(async () => {
	world = await createWorld();
	world.engine.log.length = 0;
});
afterEach(async () => await world.end());

const row = (json: object, binary: Record<string, Buffer> = {}): INodeExecutionData => ({
	json: json as INodeExecutionData['json'],
	binary: Object.fromEntries(Object.entries(binary).map(([name, bytes]) => [name, inItem(bytes)])),
});
const run = async (
	parameters: INodeParameters,
	items: INodeExecutionData[] = [row({})],
	settings = {},
) =>
	await world.engine.run(modelWorkflow({ model: located(FLUX), ...parameters }, settings), items);
const form = (value: object): INodeParameters =>
	({ inputs: { mappingMode: 'defineBelow', value, schema: [] } }) as unknown as INodeParameters;
const json = (input: object): INodeParameters => ({
	specifyInputs: 'json',
	inputsJson: JSON.stringify(input),
});
const requests = () => [...world.emulator.requests.values()];
const inputs = () => requests().map(({ input }) => input);
const filesOf = (result: Awaited<ReturnType<typeof run>>) => itemsOf(result, 'RunComfy');

describe('what a model makes', () => {
	it.each([
		['an image', FLUX, 'image/png', 'png'],
		['a video', 'kling/kling-video-o3/pro/text-to-video', 'video/mp4', 'mp4'],
		['audio', 'bytedance/seed-audio-1.0/text-to-audio', 'audio/mpeg', 'mp3'],
	])('is %s in the binary field, under the right name', async (_, model, mimeType, ending) => {
		const [item] = filesOf(await run({ model: located(model), prompt: 'a boat' }));
		const [{ requestId }] = requests();
		expect(item.json).toMatchObject({ model, request_id: requestId, count: 1, index: 0 });
		expect(item.binary?.data).toMatchObject({ mimeType, fileName: `${requestId}.${ending}` });
	});

	it('may be several, each an item', async () => {
		world.emulator.scenario = { ...world.emulator.scenario, output: 'images' };
		const items = filesOf(await run({ prompt: 'a boat' }));
		expect(
			items.map(({ json: { index, count, media_type: kind } }) => [index, count, kind]),
		).toEqual([0, 1, 2].map((index) => [index, 3, 'image']));
	});

	it.each(['text', 'nothing'] as const)(
		'may have no file (%s), which stays in the item',
		async (output) => {
			world.emulator.scenario = { ...world.emulator.scenario, output };
			const [item] = filesOf(await run({ prompt: 'a boat' }));
			expect(item.binary).toBeUndefined();
			expect(item.json).toMatchObject({
				count: 0,
				status: 'completed',
				output: output === 'text' ? { text: expect.any(String) } : {},
			});
			expect(Object.keys(item.json)).not.toContain('url');
		},
	);
});

describe('Model', () => {
	it.each([
		[
			'the page of a model, whose path is not its ID',
			'https://www.runcomfy.com/models/blackforestlabs/flux-2-flash',
		],
		['its API page', 'https://www.runcomfy.com/models/blackforestlabs/flux-2-flash/api?x=1#top'],
		['a page that is named by the ID', `https://www.runcomfy.com/models/${FLUX}/`],
	])('By URL takes %s', async (_, url) => {
		await run({ model: located(url, 'url'), prompt: 'a boat' });
		expect(requests()).toMatchObject([{ model: FLUX }]);
	});

	it('By URL refuses a page that the catalog does not have', async () => {
		const { message } = errorOf(
			await run({ model: located('https://www.runcomfy.com/models/no/such', 'url') }),
		);
		expect(message).toContain('Model names a page that RunComfy’s catalog does not have');
		expect(world.emulator.paidPosts).toBe(0);
	});

	it('By URL names all models of a page that has several, and sends nothing', async () => {
		const other = 'blackforestlabs/flux-2/flash/edit';
		const { model_url: page = '' } = world.emulator.model(FLUX);
		world.emulator.catalog.push({ ...world.emulator.model(FLUX), model_id: other });
		const { message } = errorOf(await run({ model: located(page, 'url'), prompt: 'a boat' }));
		expect(message).toContain(`Model names a page of 2 models`);
		expect(message).toContain(`${FLUX}, ${other}`);
		expect(world.emulator.count('submit')).toBe(0);
	});

	it.each(['api', 'playground', 'examples'])(
		'By URL takes the model whose own page ends with /%s before the tab of another',
		async (tab) => {
			const { model_url: page = '' } = world.emulator.model(FLUX);
			const own = `${page}/${tab}`;
			world.emulator.catalog.push({
				...world.emulator.model(FLUX),
				model_id: 'a/b',
				model_url: own,
			});
			await run({ model: located(own, 'url'), prompt: 'a boat' });
			expect(requests()).toMatchObject([{ model: 'a/b' }]);
		},
	);

	it('from an expression takes its inputs as JSON, also where the form was chosen', async () => {
		await run(
			{
				model: located('={{ $json.model }}', 'id'),
				inputsJson: '={{ { prompt: $json.idea, seed: 5 } }}',
			},
			[
				row({ model: FLUX, idea: 'a boat' }),
				row({ model: 'elevenlabs/elevenlabs/music-generation', idea: 'a song' }),
			],
		);
		expect(world.emulator.paidPosts).toBe(0);
		await run(
			{ model: located('={{ $json.model }}', 'id'), inputsJson: '={{ { prompt: $json.idea } }}' },
			[
				row({ model: FLUX, idea: 'a boat' }),
				row({ model: 'elevenlabs/elevenlabs/music-generation', idea: 'a song' }),
			],
		);
		expect(requests().map(({ model, input }) => [model, input])).toEqual([
			[FLUX, { prompt: 'a boat' }],
			['elevenlabs/elevenlabs/music-generation', { prompt: 'a song' }],
		]);
	});

	it.each([
		['={{ $json.none }}', 'Model is required'],
		['={{ 5 }}', 'Model must be'],
		['a/../b', 'Model must be'],
		['https://example.com/x', 'Model must be'],
	])('that is %j is refused', async (value, message) => {
		const { message: said } = errorOf(
			await run({ model: located(value, 'id'), ...json({ prompt: 'x' }) }),
		);
		expect(said).toContain(message);
		expect(world.emulator.calls).toEqual([]);
	});

	it('that RunComfy does not have is refused before anything is sent', async () => {
		const { message, description } = errorOf(await run({ model: located('no/such/model', 'id') }));
		expect(message).toBe('RunComfy does not know this model');
		expect(description).toContain('no/such/model');
		expect(world.emulator.count('submit')).toBe(0);
	});
});

describe('the check before paying', () => {
	it('reads the schema of a model once a run, for 1,000 items too', async () => {
		const rows = Array.from({ length: 1_000 }, (_, index) => row({ idea: `boat ${index}` }));
		const result = await run(
			{
				operation: 'submit',
				prompt: '={{ $json.idea }}',
				options: { maximumConcurrency: 100, maximumRequests: 1_000 },
			},
			rows,
		);
		expect(filesOf(result)).toHaveLength(1_000);
		expect(world.emulator.count('model')).toBe(1);
		expect(world.emulator.count('models')).toBe(0);
	});

	it('sends nothing while one of many items is wrong', async () => {
		const rows = ['a', '', 'c'].map((idea) => row({ idea }));
		const { message } = errorOf(await run({ prompt: '={{ $json.idea }}' }, rows));
		expect(message).toBe('Prompt is required');
		expect(world.emulator.paidPosts).toBe(0);
	});

	it('names the field, the fault and the way out', async () => {
		const { message } = errorOf(
			await run({ prompt: 'a boat', ...form({ guidance_scale: 99, output_format: 'gif' }) }),
		);
		expect(message).toBe(
			'Guidance Scale must be a number from 0 to 20, but is 99. Output Format must be one of jpeg, png, webp, but is the text "gif"',
		);
	});

	it('tells a form of another model from a wrong name, and how to load the right one', async () => {
		const { message } = errorOf(await run({ prompt: 'a boat', ...form({ duration: 5 }) }));
		expect(message).toContain('duration is not an input of this model');
		expect(message).toContain('choose Refresh Input List');
	});

	it('takes numbers, switches and choices of the form from text, and JSON only as it is', async () => {
		const model = located('elevenlabs/elevenlabs/music-generation');
		const values = {
			music_length_ms: '5000',
			force_instrumental: 'true',
			output_format: 'mp3_standard',
		};
		await run({ model, prompt: 'a song', ...form(values) });
		expect(inputs()).toEqual([
			{
				prompt: 'a song',
				music_length_ms: 5_000,
				force_instrumental: true,
				output_format: 'mp3_standard',
			},
		]);
		const { message } = errorOf(await run({ model, ...json({ prompt: 'a song', ...values }) }));
		expect(message).toContain('music_length_ms must be a whole number from 5000 to 300000');
		expect(message).toContain('force_instrumental must be true or false');
	});

	it('leaves out a text or a file that is empty, and refuses a setting without a value', async () => {
		const model = located('acestep-ai/ace-step/audio-inpaint');
		const values = { audio: 'https://a.example/b.mp3', tags: 'jazz', lyrics: '' };
		await run({ model, ...form(values) });
		expect(inputs()).toEqual([{ audio: 'https://a.example/b.mp3', tags: 'jazz' }]);
		const { message } = errorOf(
			await run({ model, ...form({ ...values, seed: '={{ $json.none }}' }) }),
		);
		expect(message).toContain('Seed has no value: set it to a whole number from -1 to 2147483647');
	});

	it('refuses a prompt for a model that takes none', async () => {
		const model = located('community/seedvr2/upscale/video');
		const values = form({ '33_video': 'https://a.example/b.mp4' });
		const { message } = errorOf(await run({ model, prompt: 'sharper', ...values }));
		expect(message).toBe('Prompt must be empty: this model takes none');
		await run({ model, ...values });
		expect(inputs()).toEqual([{ '33_video': 'https://a.example/b.mp4' }]);
	});

	it('keeps what a user wrote out of errors and log', async () => {
		const model = located('kling/kling-video-o3/pro/text-to-video');
		const secret = 'the secret plan of a boat';
		world.emulator.refusal = `cannot make ${secret}`;
		const first = errorOf(await run({ model, prompt: secret }));
		const second = errorOf(
			await run({ model, ...json({ prompt: [secret], multi_prompt: secret }) }),
		);
		const ours = world.engine.log.filter((line) => line.includes(': RunComfy: '));
		expect(ours.length).toBeGreaterThan(0);
		expect(JSON.stringify([first, second, ours])).not.toContain('secret plan');
	});

	describe.each<[string, unknown]>([
		['a model with optional inputs only', { properties: { prompt: {}, end_image: {} } }],
		['a model without a schema', undefined],
	])('sends nothing to %s', (_, schema) => {
		it.each<[string, INodeParameters]>([
			['for an empty form', {}],
			['for a form of blanks', { prompt: ' \u200b' }],
			["for JSON's default", json({ prompt: '' })],
			['for JSON without a value in it', json({ prompt: [{ text: ' ' }, null] })],
			['for JSON with nothing in it that is not checked', { ...json({}), checkInputs: false }],
		])('%s', async (_, parameters) => {
			world.emulator.model(FLUX).input_schema = schema;
			const { message } = errorOf(await run(parameters));
			expect(message).toMatch(/^Nothing is filled in, and an empty request would be billed: set /);
			expect(world.emulator.count('submit')).toBe(0);
		});
	});

	it('names what to fill in where nothing is', async () => {
		world.emulator.model(FLUX).input_schema = { properties: { prompt: {}, end_image: {} } };
		const { message } = errorOf(await run({}));
		expect(message).toContain('set at least one of Prompt, End Image');
	});

	it.each([0, false])('takes %j for something', async (value) => {
		world.emulator.model(FLUX).input_schema = { properties: { prompt: {}, value: {} } };
		await run(json({ value }));
		expect(inputs()).toEqual([{ value }]);
	});

	it('uses the schema of the moment', async () => {
		const entry = world.emulator.model(FLUX);
		await run({ ...json({ prompt: 'a boat', seed: 5 }) });
		entry.input_schema = { properties: { prompt: { type: 'string' } } };
		const { message } = errorOf(await run({ ...json({ prompt: 'a boat', seed: 5 }) }));
		expect(message).toContain('seed is not an input of this model');
	});
});

describe('a catalog that cannot be read', () => {
	it('ends the run before anything is paid, and says what to do', async () => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'model' ? 'json500' : undefined);
		const { message, description } = errorOf(await run({ prompt: 'a boat' }));
		expect(message).toBe("RunComfy's model catalog could not be read");
		expect(description).toContain("turn 'Check Inputs' off");
		expect(world.emulator.count('submit')).toBe(0);
	});

	it.each([{ error_code: 403999 }, { code: 403999 }, { error: { code: '403999' } }])(
		'for an error code with HTTP 200, %j, ends the run at once',
		async (code) => {
			world.emulator.respond = ({ endpoint }, usual) =>
				endpoint === 'model'
					? { ...usual(), body: JSON.stringify({ ...code, message: 'no access' }) }
					: usual();
			const startedAt = Date.now();
			const { message, description } = errorOf(await run({ prompt: 'a boat' }));
			expect(message).toBe("RunComfy's model catalog could not be read");
			expect(description).toContain('RunComfy code: 403999');
			expect(Date.now() - startedAt).toBeLessThan(1_000);
			expect(world.emulator.count('model')).toBe(1);
		},
	);

	it('is not asked where Check Inputs is off', async () => {
		const [item] = filesOf(await run({ ...json({ prompt: 'a boat' }), checkInputs: false }));
		expect(item.binary?.data.mimeType).toBe('image/png');
		expect(world.emulator.count('model')).toBe(0);
	});

	it('is asked again when it answers a moment later', async () => {
		let faults = 2;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'model' && faults-- > 0 ? 'html502' : undefined;
		expect(filesOf(await run({ prompt: 'a boat' }))).toHaveLength(1);
	});

	it.each([
		['unauthorized', 'RunComfy rejected the API token'],
		['notFound', "RunComfy's model catalog could not be read"],
		['forbidden', "RunComfy's model catalog could not be read"],
	] as const)('as a list, for %s, is told as what it is', async (fault, message) => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'models' ? fault : undefined);
		const page = located('https://www.runcomfy.com/models/blackforestlabs/flux-2-flash', 'url');
		const error = errorOf(await run({ model: page, prompt: 'a boat' }));
		expect(error.message).toBe(message);
		expect(error.description).toContain('Nothing was started or charged');
	});

	it('for its token is told as that', async () => {
		await world.engine.saveCredential('runcomfy', {
			apiToken: 'a-wrong-token',
			baseUrl: world.emulator.url,
		});
		const { message } = errorOf(await run({ prompt: 'a boat' }));
		expect(message).toBe('RunComfy rejected the API token');
	});
});

describe('files of the item', () => {
	const png = file('still.png');

	it('go by name, by URL and as data URIs, alone and in lists', async () => {
		const uri = dataUri(file('still.jpg'), 'image/jpeg');
		const lists: unknown[] = [
			'front, back',
			'front\nback',
			`front, ${uri}, https://a.example/c,d.png`,
			'["front", "back"]',
			['front', { binary: 'back' }],
			'https://a.example/b.png',
			'front',
		];
		for (const images of lists) {
			await run({ model: located(EDIT), prompt: 'a boat', ...form({ images: images as string }) }, [
				row({}, { front: png, back: file('still.webp') }),
			]);
		}
		const front = dataUri(png, 'image/png');
		const back = dataUri(file('still.webp'), 'image/webp');
		expect(inputs().map(({ images }) => images)).toEqual([
			[front, back],
			[front, back],
			[front, uri, 'https://a.example/c,d.png'],
			[front, back],
			[front, back],
			['https://a.example/b.png'],
			[front],
		]);
	});

	it.each([
		[
			'clip.mp4',
			'runwayml/runway-aleph-2/video-to-video',
			{ prompt: 'x' },
			'video_url',
			'video/mp4',
		],
		['tone.m4a', 'acestep-ai/ace-step/audio-inpaint', { tags: 'x' }, 'audio', 'audio/mp4'],
		['tone.wav', 'acestep-ai/ace-step/audio-inpaint', { tags: 'x' }, 'audio', 'audio/wav'],
	])('may be no images: %s', async (source, model, input, name, type) => {
		await run({ model: located(model), ...json({ ...input, [name]: 'data' }) }, [
			row({}, { data: file(source) }),
		]);
		expect(inputs()).toEqual([{ ...input, [name]: dataUri(file(source), type) }]);
	});

	it('are { "binary": "data" } in lists and objects that no schema describes', async () => {
		await run(
			{
				model: located('bytedance/seedream-4-5/edit'),
				...json({ prompt: 'x', images: [{ binary: 'data' }, 'https://a.example/b.png'] }),
			},
			[row({}, { data: png })],
		);
		expect(inputs()).toEqual([
			{ prompt: 'x', images: [dataUri(png, 'image/png'), 'https://a.example/b.png'] },
		]);
	});

	it.each([
		[
			'a file of another kind',
			'text',
			'Images, entry 1 must be an image, but the file in the binary field "text" is text',
		],
		['a video for an image', 'clip', 'is mp4'],
		[
			'a file that there is not',
			'photo',
			'it has none called "photo": it has "data", "text", "clip", "large"',
		],
		['a large one', 'large', 'must be at most 6 MiB'],
		['an address without https', 'http://a.example/b.png', 'but is an http URL'],
		['a file that is gone', [{ id: 'filesystem-v2:x', mimeType: 'image/png' }], 'cannot be read'],
		['a number', [5], 'Images, entry 1 must be an https URL'],
		['too many', Array.from({ length: 17 }, () => 'data'), 'Images must be a list of'],
	])('are refused: %s', async (_, images, message) => {
		const binary = {
			data: png,
			text: Buffer.from('a text of mine'),
			clip: file('clip.mp4'),
			large: Buffer.concat([png, Buffer.alloc(6 * MIB)]),
		};
		const { message: said } = errorOf(
			await run({ model: located(EDIT), prompt: 'x', ...form({ images: images as string }) }, [
				row({}, binary),
			]),
		);
		expect(said).toContain(message);
		expect(world.emulator.paidPosts).toBe(0);
	});

	it('keep to the limits that the schema names', async () => {
		const large = Buffer.concat([file('clip.mp4'), Buffer.alloc(17 * MIB)]);
		const { message } = errorOf(
			await run(
				{
					model: located('runwayml/runway-aleph-2/video-to-video'),
					...json({ prompt: 'x', video_url: 'data' }),
				},
				[row({}, { data: large })],
			),
		);
		expect(message).toContain('video_url must be at most 16 MiB');
	});
});

describe('the files of one request', () => {
	it('are refused before they are sent when they hold more than 64 MiB together as data URIs', async () => {
		const picture = Buffer.concat([file('still.png'), Buffer.alloc(5.5 * MIB)]);
		const images = Array.from({ length: 9 }, () => 'data');
		const { message } = errorOf(
			await run({ model: located(EDIT), ...json({ prompt: 'x', images }) }, [
				row({}, { data: picture }),
			]),
		);
		expect(message).toContain('must be at most 64 MiB with its files');
		expect(world.emulator.count('submit')).toBe(0);
	});
});

describe('paying once', () => {
	it('is kept when n8n retries', async () => {
		let faults = 4;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'media' && faults-- > 0 ? 'json500' : undefined;
		const retried = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1_000 };
		const result = await run({ prompt: '={{ $now.toMillis() }} boats' }, [row({})], retried);
		expect(filesOf(result)).toHaveLength(1);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('of another file is another request', async () => {
		const order = { model: located(EDIT), prompt: 'x', ...form({ images: 'data' }) };
		await run(order, [row({}, { data: file('still.png') }), row({}, { data: file('still.jpg') })]);
		expect(world.emulator.paidPosts).toBe(2);
	});
});
