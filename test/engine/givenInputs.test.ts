import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { klingWorkflow } from './klingWorkflow';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, errorOf, type World } from './world';

const ODD = 'odd/one';
const URL_OF_PNG = 'https://files.example.com/a.png';
const png = readFileSync(join(__dirname, '../fixtures/formats/still.png'));
const gif = readFileSync(join(__dirname, '../fixtures/formats/still.gif'));
const base64 = png.toString('base64');
const dataUri = `data:image/png;base64,${base64}`;
const image = { type: 'string', format: 'image_uri' };
const images = { type: 'array', items: image };

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());
beforeEach(() => world.emulator.requests.clear());
afterEach(() => world.engine.storeBinaryData('disk'));

const file = (data: Buffer, fileName: string) => ({
	data: data.toString('base64'),
	mimeType: 'image/png',
	fileName,
	fileExtension: 'png',
});
const row: INodeExecutionData = {
	json: { attachment: { url: URL_OF_PNG } },
	binary: {
		data: file(png, 'a.png'),
		other: file(gif, 'a.png'),
		'photo 1.größe': file(png, 'b.png'),
	},
};
const form = (value: object) => ({
	prompt: 'x',
	inputs: { mappingMode: 'defineBelow', value, schema: [] },
});
const json = (inputsJson: string) => ({ specifyInputs: 'json', inputsJson });
const sent = () => [...world.emulator.requests.values()].map(({ input }) => input);

/** Runs a model with these inputs besides its prompt. */
async function run(properties: object, parameters: object) {
	world.emulator.catalog = [
		{
			model_id: ODD,
			input_schema: { type: 'object', properties: { prompt: { type: 'string' }, ...properties } },
		},
	];
	const all = { model: located(ODD), operation: 'submit', ...parameters };
	return await world.engine.run(modelWorkflow(all as unknown as INodeParameters), [row]);
}

describe('a file by an expression that gives all but its contents', () => {
	beforeEach(() => world.engine.storeBinaryData('item'));

	it('is the one of the item that it describes', async () => {
		await run({ image }, form({ image: '={{ $binary["photo 1.größe"] }}' }));
		expect(sent()).toEqual([{ prompt: 'x', image: dataUri }]);
	});

	it('is refused where it describes two of the item, for one of them is another', async () => {
		const result = await run({ image }, form({ image: '={{ $binary.other }}' }));
		expect(errorOf(result).message).toContain('the item has several like it');
		expect(sent()).toEqual([]);
	});
});

describe('a file may also be given as', () => {
	it.each<[string, unknown, string]>([
		['an attachment, written as JSON', `{"url":"${URL_OF_PNG}"}`, URL_OF_PNG],
		['a list of one, written as JSON', `["${URL_OF_PNG}"]`, URL_OF_PNG],
		['a binary field with a dot and a blank in its name', 'photo 1.größe', dataUri],
		['a data URI with parameters', `data:image/png;name=a.png;base64,${base64}`, dataUri],
		['a data URI with blanks in its head', `data:image/png; base64 ,${base64}`, dataUri],
		['a data URI in capitals', `DATA:IMAGE/PNG;BASE64,${base64}`, dataUri],
		['a data URI in lines', dataUri.replace(/.{76}/g, '$&\r\n'), dataUri],
	])('%s', async (_, value, taken) => {
		await run({ image }, form({ image: value }));
		expect(sent()).toEqual([{ prompt: 'x', image: taken }]);
	});

	it('an attachment alone, where there may be several', async () => {
		await run({ images }, form({ images: '={{ $json.attachment }}' }));
		expect(sent()).toEqual([{ prompt: 'x', images: [URL_OF_PNG] }]);
	});
});

describe('an address that RunComfy cannot open is refused', () => {
	it.each([
		'https://localhost./a.png',
		'https://nas.local./a.png',
		'https://100.101.102.103/a.png',
	])('%s', async (url) => {
		expect(errorOf(await run({ image }, form({ image: url }))).message).toContain(
			'private network',
		);
		expect(sent()).toEqual([]);
	});
});

describe('the name of a binary field is no word for a file', () => {
	const unknown = { type: 'array' };
	it.each<[string, object, object, string]>([
		[
			'inside an object that the schema does not describe',
			{ elements: unknown },
			{ elements: [{ frontal_image_url: 'data' }] },
			'elements, entry 1, frontal_image_url',
		],
		['in a list of texts', { tags: unknown }, { tags: ['red', 'data'] }, 'tags, entry 2'],
		['with a blank behind it', { style: { type: 'string' } }, { style: 'data ' }, 'style'],
	])('%s', async (_, properties, input, place) => {
		const result = await run(properties, json(JSON.stringify({ prompt: 'x', ...input })));
		expect(errorOf(result).message).toContain(`${place} is the name of a binary field`);
		expect(sent()).toEqual([]);
	});

	it('among the elements of Kling Video', async () => {
		const workflow = klingWorkflow({
			operation: 'submit',
			prompt: 'x',
			generateFrom: 'image',
			startImageSource: 'url',
			startImageUrl: URL_OF_PNG,
			additionalFields: { elements: '[{ "frontal_image_url": "data" }]' },
		});
		const { message } = errorOf(await world.engine.run(workflow, [row]));
		expect(message).toContain('Elements, entry 1, frontal_image_url is the name');
		expect(sent()).toEqual([]);
	});
});

describe('a number that would be sent as another is refused', () => {
	it.each<[string, object, string]>([
		['where anything may be', {}, '"value": 9007199254740993'],
		['inside an object', { type: 'object' }, '"value": { "seed": 12345678901234567890 }'],
		['that is larger than any', {}, '"value": 1e999'],
	])('%s', async (_, value, text) => {
		const result = await run({ value }, json(`{ "prompt": "x", ${text} }`));
		expect(errorOf(result).message).toContain('can be sent exactly');
		expect(sent()).toEqual([]);
	});

	it('with Check Inputs off', async () => {
		const parameters = {
			...json('{ "prompt": "x", "seed": 9007199254740993 }'),
			model: located(ODD, 'id'),
			checkInputs: false,
		};
		expect(errorOf(await run({}, parameters)).message).toContain('can be sent exactly');
		expect(sent()).toEqual([]);
	});
});

describe('JSON with code fences', () => {
	it.each<[string, string]>([
		['in a text', '{"prompt":"run ```a``` now"}'],
		['around it and in a text', 'Here:\n```json\n{"prompt":"run ```a``` now"}\n```'],
	])('%s is taken as it is', async (_, text) => {
		await run({}, json(text));
		expect(sent()).toEqual([{ prompt: 'run ```a``` now' }]);
	});
});

it('names of 20,000 unknown inputs are compared with those that are left, each once', async () => {
	const properties = Object.fromEntries(
		Array.from({ length: 30 }, (_, index) => [`known_${index}`, { type: 'string' }]),
	);
	const input = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`n${index}`, 1]));
	const result = await run(properties, json(JSON.stringify(input)));
	expect(errorOf(result).message).toContain('19995 more fields are wrong too');
});

describe('the address of a page may have a model’s ID as its path', () => {
	it.each<[string, string]>([
		['minimax/Hailuo Video 01 Live', 'models/minimax/Hailuo%20Video%2001%20Live'],
		['minimax/Hailuo Video 01 Live', 'ja/playground/minimax/Hailuo Video 01 Live'],
		['快手/可灵 2', 'models/%E5%BF%AB%E6%89%8B/可灵 2/api'],
	])('%s as %s', async (id, path) => {
		world.emulator.catalog = [{ model_id: id }];
		const model = located(`https://www.runcomfy.com/${path}`, 'url');
		const parameters = { model, operation: 'submit', ...json('{"prompt":"x"}') };
		await world.engine.run(modelWorkflow(parameters as unknown as INodeParameters), [row]);
		expect([...world.emulator.requests.values()].map(({ model }) => model)).toEqual([id]);
	});
});
