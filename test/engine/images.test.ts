import * as n8nWorkflow from 'n8n-workflow';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IBinaryData, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { pngOf } from '../fixtures/pictures';
import { itemsOf } from '../fixtures/workflows';
import { klingWorkflow } from './klingWorkflow';
import { MemoryDatabase } from './MemoryDatabase';
import { createWorld, errorOf, videosOf, type World } from './world';

const MIB = 2 ** 20;
const picture = (ending: string) =>
	readFileSync(join(__dirname, `../fixtures/formats/still.${ending}`));
const png = picture('png');
const dataUri = (bytes: Buffer, type = 'image/png') =>
	`data:${type};base64,${bytes.toString('base64')}`;

/** A binary field with the file in it, as a Code node gives it. */
const inItem = (bytes: Buffer): IBinaryData => ({
	data: bytes.toString('base64'),
	mimeType: 'application/octet-stream',
	fileName: 'secret-name.bin',
});
const item = (binary: Record<string, Buffer>): INodeExecutionData => ({
	json: { prompt: 'a boat' },
	binary: Object.fromEntries(Object.entries(binary).map(([name, bytes]) => [name, inItem(bytes)])),
});

const IMAGE: INodeParameters = { generateFrom: 'image' };
const FIELD: INodeParameters = { ...IMAGE, startImageSource: 'binary' };
const URL_FIELD = 'https://example.com/first.png';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => {
	world.engine.storeBinaryData('disk');
	await world.end();
});

const requests = () => [...world.emulator.requests.values()];
const inputs = () => requests().map(({ input }) => input);

describe('Generate From Image', () => {
	it('sends a URL as it is, with what the model calls its fields', async () => {
		const run = await world.run(['a boat'], { ...IMAGE, startImageUrl: URL_FIELD });
		expect(requests()).toMatchObject([{ model: 'kling/kling-3.0/pro/image-to-video' }]);
		expect(inputs()).toEqual([
			{ prompt: 'a boat', start_image_url: URL_FIELD, duration: 5, generate_audio: true },
		]);
		expect(videosOf(run)[0].binary?.data.mimeType).toBe('video/mp4');
	});

	it('writes the scheme of a URL as everybody reads it', async () => {
		await world.run(['a boat'], { ...IMAGE, startImageUrl: ' HTTPS://example.com/First.png\n' });
		expect(inputs()[0].start_image_url).toBe('https://example.com/First.png');
	});

	it.each(['My picture ', ' data'])(
		'finds the field %j, with or without its blanks',
		async (name) => {
			const run = await world.run([item({ 'My picture ': png, data: png })], {
				...FIELD,
				startImageField: name,
			});
			expect(run.data.resultData.error).toBeUndefined();
			expect(inputs()[0].start_image_url).toBe(dataUri(png));
		},
	);

	it.each(['standard', '4k'])('sends it to the model of the tier %s', async (model) => {
		await world.run(['a boat'], { ...IMAGE, model, startImageUrl: URL_FIELD });
		expect(requests()[0].model).toBe(`kling/kling-3.0/${model}/image-to-video`);
	});

	it.each(['byId', '={{ "kling/kling-next/image-to-video" }}'])(
		'sends it to any ID: %s',
		async (model) => {
			const modelId = 'kling/kling-next/image-to-video';
			await world.run(['a boat'], { ...IMAGE, model, modelId, startImageUrl: URL_FIELD });
			expect(requests()[0].model).toBe(modelId);
		},
	);

	it('takes the tier from an expression', async () => {
		await world.run(['a boat'], { model: '={{ "4k" }}' });
		expect(requests()[0].model).toBe('kling/kling-3.0/4k/text-to-video');
	});

	it('sends elements and segments as they are', async () => {
		const elements = [{ frontal_image_url: URL_FIELD, anything: [1] }];
		await world.run(['a boat'], {
			...IMAGE,
			startImageUrl: URL_FIELD,
			multiPrompt: {
				segment: [
					{ prompt: 'one', duration: 6 },
					{ prompt: 'two', duration: 4 },
				],
			},
			additionalFields: { elements: JSON.stringify(elements) },
		});
		expect(inputs()[0]).toMatchObject({
			elements,
			duration: 10,
			multi_prompt: [
				{ prompt: 'one', duration: 6 },
				{ prompt: 'two', duration: 4 },
			],
		});
	});

	it('sends a start and an end image from two binary fields', async () => {
		const end = pngOf(20, 10);
		await world.run([item({ data: png, last: end })], {
			...FIELD,
			endImageSource: 'binary',
			endImageField: 'last',
		});
		expect(inputs()[0]).toMatchObject({
			start_image_url: dataUri(png),
			end_image_url: dataUri(end),
		});
	});

	it.each([
		[160, 90, '16:9'],
		[90, 160, '9:16'],
		[100, 105, '1:1'],
	])('gives a video of the shape of a picture of %d × %d', async (width, height, shape) => {
		const run = await world.run([item({ data: pngOf(width, height) })], FIELD);
		const bytes = await world.engine.binary(videosOf(run)[0].binary?.data);
		expect(bytes.equals(RunComfyEmulator.file(shape))).toBe(true);
	});

	it.each([
		['jpg', 'image/jpeg'],
		['png', 'image/png'],
		['bmp', 'image/bmp'],
		['webp', 'image/webp'],
	])('calls a %s what its own bytes say, whatever the item calls it', async (ending, type) => {
		const run = await world.run([item({ data: picture(ending) })], FIELD);
		expect(run.data.resultData.error).toBeUndefined();
		expect(inputs()[0].start_image_url).toBe(dataUri(picture(ending), type));
	});
});

describe('a picture is read from where n8n keeps it', () => {
	const workflow = () => {
		const json = klingWorkflow(FIELD);
		json.nodes.push({ ...json.nodes[0], id: '9', name: 'Store', type: 'test.store' });
		const [[to]] = json.connections.Ideas.main as Array<Array<{ node: string }>>;
		json.connections['Store'] = { main: [[{ ...to, type: 'main', index: 0 }]] };
		json.connections.Ideas = { main: [[{ node: 'Store', type: 'main', index: 0 }]] };
		return json;
	};
	const bytes = pngOf(90, 160, 3 * MIB);
	beforeEach(() =>
		world.engine.addType('test.store', {
			description: {
				...world.engine.klingVideo.description,
				name: 'store',
				properties: [],
				credentials: [],
			},
			async execute() {
				const data = await this.helpers.prepareBinaryData(Buffer.from(bytes), 'a.png', 'image/png');
				return [[{ json: { prompt: 'a boat' }, binary: { data } }]];
			},
		}),
	);

	it.each(['disk', 'item', 'database'] as const)(
		'out of a store that keeps it in: %s',
		async (kind) => {
			world.engine.storeBinaryData(kind === 'database' ? new MemoryDatabase() : kind);
			const run = await world.engine.run(workflow());
			expect(run.data.resultData.error).toBeUndefined();
			expect(inputs()[0].start_image_url === dataUri(bytes)).toBe(true);
		},
	);

	it('is refused by the name of its field where n8n no longer has it', async () => {
		const database = new MemoryDatabase();
		world.engine.storeBinaryData(database);
		const execution = world.engine.start(workflow());
		database.rows.get = () => undefined;
		expect(errorOf(await execution.finished).message).toContain(
			'Start Image cannot be read: n8n no longer has the file in the binary field "data"',
		);
		expect(world.emulator.calls).toEqual([]);
	});

	it('fails its item alone, unpaid, when n8n loses it while the item waits for its turn', async () => {
		const database = new MemoryDatabase();
		world.engine.storeBinaryData(database);
		const get = database.rows.get.bind(database.rows);
		// Checking takes two reads: of the size, and of the first bytes.
		let reads = 0;
		database.rows.get = (id) => (++reads > 2 ? undefined : get(id));
		expect(errorOf(await world.engine.run(workflow())).message).toContain(
			'Start Image cannot be read',
		);
		expect(world.emulator.calls).toEqual([]);
	});
});

describe('what is no picture for the model is refused before one paid POST is sent', () => {
	const large = pngOf(10, 10, 6 * MIB + 1);
	const jsonOf = (start: unknown) => ({
		...IMAGE,
		specifyInputs: 'json',
		inputsJson: JSON.stringify({ prompt: 'x', start_image_url: start }),
	});
	it.each<[string, INodeParameters, string]>([
		['nothing', IMAGE, 'Start Image URL is required'],
		[
			'an empty field name',
			{ ...FIELD, startImageField: '' },
			'Start Image Field Name is required',
		],
		[
			'an http URL',
			{ ...IMAGE, startImageUrl: 'http://example.com/a.png' },
			'Start Image must be an https URL, a data URI, or the name of a binary field of the item, but is an http URL',
		],
		...[
			['with a space', 'https://example.com/my picture.png'],
			['with a line break', 'https://example.com/my\npicture.png'],
			['and another one', 'https://example.com/a.png, https://example.com/b.png'],
		].map(([which, startImageUrl]): [string, INodeParameters, string] => [
			`a URL ${which}`,
			{ ...IMAGE, startImageUrl },
			'but is a URL with a space or line break inside: give one URL, with %20 for a space',
		]),
		[
			'a URL with a login',
			{ ...IMAGE, startImageUrl: 'https://olga:secret@example.com/a.png' },
			'but is a URL with a login in it',
		],
		[
			'a number in place of a field name',
			{ ...FIELD, endImageSource: 'binary', endImageField: '={{ 5 }}' },
			'End Image Field Name must be the name of a binary field, but is 5',
		],
		[
			'a field name of blanks',
			{ ...FIELD, startImageField: '   ' },
			'Start Image Field Name is required',
		],
		[
			'a name that every object has',
			{ ...FIELD, startImageField: 'constructor' },
			'Start Image must be a binary field of the item, but it has none called "constructor"',
		],

		[
			'another field',
			{ ...FIELD, startImageField: 'photo' },
			'Start Image must be a binary field of the item, but it has none called "photo": it has "data", "gif"',
		],
		[
			'a gif',
			{ ...FIELD, startImageField: 'gif' },
			'Start Image must be jpg, png, bmp or webp, but the file in the binary field "gif" is gif',
		],
		['text', { ...FIELD, startImageField: 'text' }, 'the file in the binary field "text" is text'],
		[
			'no bytes',
			{ ...FIELD, startImageField: 'none' },
			'the file in the binary field "none" is empty',
		],
		[
			'too large',
			{ ...FIELD, startImageField: 'large' },
			'Start Image must be at most 6 MiB, but the file in the binary field "large" is larger: use a smaller one, or give a public https URL in its place',
		],
		[
			'too large at the end',
			{ ...FIELD, endImageSource: 'binary', endImageField: 'large' },
			'End Image must be at most 6 MiB',
		],
		[
			'a data URI of text',
			jsonOf(dataUri(Buffer.from('a text of mine'))),
			'start_image_url must be jpg, png, bmp or webp, but the data URI is text',
		],
		[
			'a data URI without base64',
			jsonOf('data:image/png,abc'),
			'start_image_url must be a data URI in base64',
		],
		[
			'a data URI that is too large',
			jsonOf(dataUri(large)),
			'start_image_url must be at most 6 MiB',
		],
		['another object', jsonOf({ file: 'data' }), 'start_image_url must be an https URL'],
		[
			'a binary field without a name',
			jsonOf({ binary: '' }),
			'start_image_url must be an https URL',
		],
		[
			'a request above 64 MiB',
			{
				...IMAGE,
				startImageUrl: URL_FIELD,
				additionalFields: { elements: '={{ [{ image: "x".repeat(70000000) }] }}' },
			},
			'The request must be at most 64 MiB with its files, but is larger',
		],
		[
			'an end image for Standard',
			{
				...IMAGE,
				model: '={{ "standard" }}',
				startImageUrl: URL_FIELD,
				endImageSource: 'url',
				endImageUrl: URL_FIELD,
			},
			'End Image is not an input of this model: remove it',
		],
		[
			'a model for text',
			{ ...IMAGE, model: '={{ "kling/kling-3.0/pro/text-to-video" }}', startImageUrl: URL_FIELD },
			"Model names a model that generates from text, but 'Generate From' is image",
		],
		[
			'a model ID that is not one',
			{ ...IMAGE, model: 'byId', modelId: 'kling', startImageUrl: URL_FIELD },
			'Model ID must be an ID such as',
		],
		[
			'an expression in Generate From',
			{ generateFrom: '={{ "image" }}' },
			'Generate From must be text or image, but is the text',
		],
		[
			'elements that are no JSON',
			{ ...IMAGE, startImageUrl: URL_FIELD, additionalFields: { elements: '[{' } },
			'Elements is not valid JSON',
		],
		[
			'elements that are no list',
			{ ...IMAGE, startImageUrl: URL_FIELD, additionalFields: { elements: '{}' } },
			'Elements must be a list, but is an object',
		],
	])('%s', async (_, parameters, message) => {
		const binary = item({
			data: png,
			gif: picture('gif'),
			text: Buffer.from('a text of mine'),
			none: Buffer.alloc(0),
			large,
		});
		if (parameters.startImageField !== 'photo') delete binary.binary?.nothing;
		else binary.binary = { data: inItem(png), gif: inItem(png) };
		const { message: said, description } = errorOf(await world.run([binary], parameters));
		expect(said).toContain(message);
		expect(description).toContain('Nothing was sent for this item.');
		expect(said.length).toBeLessThan(400);
		expect(world.emulator.calls).toEqual([]);
	});
});

describe('as JSON', () => {
	it.each<[string, unknown, string]>([
		['a URL', URL_FIELD, URL_FIELD],
		['a data URI', dataUri(png), dataUri(png)],
		['a binary field', { binary: 'data' }, dataUri(png)],
	])('an image is %s', async (_, start, sent) => {
		await world.run([item({ data: png })], {
			...IMAGE,
			specifyInputs: 'json',
			inputsJson: JSON.stringify({ prompt: 'x', start_image_url: start, duration: 5 }),
		});
		expect(inputs()).toEqual([{ prompt: 'x', start_image_url: sent, duration: 5 }]);
	});
});

// n8n has this setting since 2.x only.
const knowsCombined = 'BINARY_MODE_COMBINED' in n8nWorkflow;

describe('with binaryMode combined, which keeps files in the JSON', () => {
	(knowsCombined ? it : it.skip).each(['data', '_files.data'])(
		'a field is found by %s',
		async (startImageField) => {
			const json = klingWorkflow({ ...FIELD, startImageField });
			json.settings = { ...json.settings, binaryMode: 'combined' } as typeof json.settings;
			const file = { ...inItem(png), id: undefined };
			const run = await world.engine.run(json, [
				{ json: { prompt: 'a boat', _files: { data: file } } as never },
			]);
			expect(run.data.resultData.error).toBeUndefined();
			expect(inputs()[0].start_image_url).toBe(dataUri(png));
		},
	);

	it('JSON in the form of a file is none without binaryMode combined', async () => {
		const forged = { prompt: 'a boat', _files: { data: inItem(png) } } as never;
		const run = await world.run([{ json: forged }], FIELD);
		expect(errorOf(run).message).toContain('it has none called "data"');
		expect(world.emulator.calls).toEqual([]);
	});
});

describe('the file is where the item has it, and nowhere else', () => {
	const secret = pngOf(10, 10, 60_000);
	const SAMPLE = secret.subarray(30, 30_000).toString('base64').slice(0, 64);
	const everything = (run: unknown) => JSON.stringify(run) + world.engine.log.join('\n');
	const occurrences = (text: string) => {
		// The picture is one byte over and over, so that any 64 characters of it are found once a place.
		const matches = text.match(
			/BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH[BwcH]*/g,
		);
		return matches?.length ?? 0;
	};

	it.each([
		['a video', 'a boat', {}],
		['a failed run', '[failing] a boat', {}],
		['a lost answer', '[lostAnswer] a boat', {}],
		['a Submit', 'a boat', { operation: 'submit' }],
	])('after %s', async (_, prompt, parameters) => {
		const input = { ...item({ data: secret }), json: { prompt } };
		const before = occurrences(JSON.stringify(input));
		expect(SAMPLE).toMatch(/^(BwcH|cHBw|HBwc)+/);
		const execution = world.start([input], { ...FIELD, ...parameters });
		await execution.finished;
		const saved = execution.saved();
		const { contextData, ...executionData } = saved?.executionData ?? {};
		expect(occurrences(JSON.stringify(contextData))).toBe(0);
		expect(occurrences(JSON.stringify(saved?.resultData.error ?? {}))).toBe(0);
		const { 'Kling Video': ours = [] } = saved?.resultData.runData ?? {};
		expect(occurrences(JSON.stringify(ours))).toBe(0);
		expect(occurrences(world.engine.log.join('\n'))).toBe(0);
		expect(occurrences(everything(executionData))).toBeLessThanOrEqual(before);
	});

	it.each([
		['as it was sent', dataUri(secret), 'data:image/png…'],
		['without its head', dataUri(secret).slice('data:image/png;base64,'.length), '…'],
		['in lines', secret.toString('base64').replace(/.{76}/g, '$&\n'), '… …'],
	])(
		'the file is not in the error either when RunComfy’s message repeats it %s',
		async (_, quoted, told) => {
			world.emulator.refusal = `body.start_image_url: no image in '${quoted}'`;
			const run = await world.run([item({ data: secret })], FIELD);
			const { message, description } = errorOf(run);
			expect(`${message}\n${description}`).toContain(`body.start_image_url: no image in '${told}`);
			expect(occurrences(message + description)).toBe(0);
			expect(occurrences(world.engine.log.join('\n'))).toBe(0);
		},
	);
});

describe('a second try', () => {
	const always = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
	const failFirstRead = () => {
		let reads = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'result' && ++reads === 1 ? 'forbidden' : undefined;
	};

	it('by Retry On Fail picks the request of the same picture up', async () => {
		failFirstRead();
		const run = await world.run([item({ data: png })], FIELD, always);
		expect(run.status).toBe('success');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('by Retry of the execution with another picture in the field is another request', async () => {
		failFirstRead();
		const json = klingWorkflow(FIELD);
		const failed = await world.engine.run(json, [item({ data: png })]);
		const [entry] = failed.data.executionData?.nodeExecutionStack ?? [];
		const [[input]] = entry.data.main as INodeExecutionData[][];
		input.binary = { data: inItem(pngOf(9, 9)) };
		expect((await world.engine.retry(json, failed)).status).toBe('success');
		expect(world.emulator.paidPosts).toBe(2);
	});
});

describe('on a slow line', () => {
	beforeEach(() => {
		world.emulator.delay = ({ endpoint }) => (endpoint === 'submit' ? 100_000 : 0);
	});

	it('a large picture has the time that it takes to get there', async () => {
		const run = await world.run([item({ data: pngOf(10, 10, 6 * MIB) })], FIELD);
		expect(run.data.resultData.error).toBeUndefined();
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('a small one is waited for no longer than an input without one', async () => {
		const startedAt = Date.now();
		const run = await world.run([item({ data: png })], FIELD);
		expect(errorOf(run).message).toContain('the video may already have been submitted');
		expect(Date.now() - startedAt).toBeLessThan(62_000);
	});
});

describe('many items with pictures', () => {
	/** Runs items whose POSTs take a minute; gives the most that were under way at once, and the time in ms. */
	async function runSlowly(count: number, bytes: number) {
		let underWay = 0;
		let most = 0;
		world.emulator.delay = ({ endpoint }) => {
			if (endpoint !== 'submit') return 0;
			most = Math.max(most, ++underWay);
			setTimeout(() => underWay--, 58_000);
			return 58_000;
		};
		const items = Array.from({ length: count }, () => item({ data: pngOf(10, 10, bytes) }));
		const startedAt = Date.now();
		const run = await world.run(items, FIELD);
		expect(videosOf(run)).toHaveLength(count);
		return { most, tookMs: Date.now() - startedAt };
	}

	it('are sent side by side, however long each POST takes', async () => {
		const { most, tookMs } = await runSlowly(12, 10_000);
		expect(most).toBeGreaterThan(8);
		expect(tookMs).toBeLessThan(5 * 60_000);
	});

	it('are held in memory as far as they fit into the budget for bodies', async () => {
		const { most } = await runSlowly(8, 6 * MIB);
		expect(most).toBe(4);
		expect(world.emulator.paidPosts).toBe(8);
	});

	it('are not held back by a POST that gets no answer', async () => {
		let posts = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && posts++ === 2 ? 'hangAfter' : undefined;
		const items = Array.from({ length: 12 }, () => item({ data: pngOf(10, 10, 6 * MIB) }));
		const startedAt = Date.now();
		await world.run(items, FIELD, { onError: 'continueRegularOutput' });
		const arrivals = world.emulator.calls.filter(({ endpoint }) => endpoint === 'submit');
		expect(arrivals).toHaveLength(12);
		expect(Math.max(...arrivals.map(({ at }) => at)) - startedAt).toBeLessThan(5_000);
	});
});

describe.each([2, 3] as const)('as the tool of an AI agent of version %i', (version) => {
	/** An agent that calls the tool once, with what it says. */
	function agentWorkflow(parameters: INodeParameters) {
		const json = klingWorkflow({
			...IMAGE,
			prompt: `={{ $fromAI('prompt', 'what happens') }}`,
			...parameters,
		});
		const place = { typeVersion: 1, position: [0, 0] as [number, number] };
		const turns = JSON.stringify([[{ prompt: 'a boat', picture: URL_FIELD }]]);
		const type = `stand-in.agentV${version}`;
		json.nodes[1].type += 'Tool';
		json.nodes.push({ ...place, id: '9', name: 'Agent', type, parameters: { turns } });
		const to = (node: string, kind: 'main' | 'ai_tool') => ({
			[kind]: [[{ node, type: kind, index: 0 }]],
		});
		json.connections = { Ideas: to('Agent', 'main'), 'Kling Video': to('Agent', 'ai_tool') };
		return json;
	}

	it('starts from an image by its URL', async () => {
		const startImageUrl = `={{ $fromAI('picture', 'URL of the picture') }}`;
		const run = await world.engine.run(agentWorkflow({ startImageUrl }));
		expect(inputs()[0]).toMatchObject({ prompt: 'a boat', start_image_url: URL_FIELD });
		expect(String(itemsOf(run, 'Agent')[0].json.text)).toContain('/media/');
	});

	it('says that the item of a tool has no binary field', async () => {
		const run = await world.engine.run(agentWorkflow({ startImageSource: 'binary' }));
		// In n8n 2.20 an error of a tool ends the execution, and its model reads nothing any more.
		const [answer] = itemsOf(run, 'Agent');
		const said = answer ? String(answer.json.text) : errorOf(run).message;
		expect(said).toContain('it has none called');
		expect(world.emulator.calls).toEqual([]);
	});
});
