import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { nodeOf } from '../fixtures/workflows';
import { klingWorkflow } from './klingWorkflow';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, errorOf, type World } from './world';

const ODD = 'odd/one';
const png = readFileSync(join(__dirname, '../fixtures/formats/still.png'));
const dataUri = `data:image/png;base64,${png.toString('base64')}`;
const URL_OF_PNG = 'https://files.example.com/a.png';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => {
	world.engine.storeBinaryData('disk');
	await world.end();
});

const row: INodeExecutionData = {
	json: { attachment: { url: URL_OF_PNG } },
	binary: {
		data: {
			data: png.toString('base64'),
			mimeType: 'image/png',
			fileName: 'a.png',
			fileExtension: 'png',
		},
	},
};
const sent = () => [...world.emulator.requests.values()].map(({ input }) => input);

/** Makes the catalog have a model whose one input has this name and schema. */
function offer(name: string, schema: unknown): void {
	world.emulator.catalog.push({
		model_id: ODD,
		categories: ['text-to-image'],
		input_schema: { type: 'object', properties: { prompt: { type: 'string' }, [name]: schema } },
	});
}
const form = (value: object): INodeParameters =>
	({
		model: located(ODD),
		operation: 'submit',
		prompt: 'x',
		inputs: { mappingMode: 'defineBelow', value, schema: [] },
	}) as unknown as INodeParameters;
const json = (input: object): INodeParameters => ({
	model: located(ODD),
	operation: 'submit',
	specifyInputs: 'json',
	inputsJson: JSON.stringify({ prompt: 'x', ...input }),
});
const run = async (parameters: INodeParameters) =>
	await world.engine.run(modelWorkflow(parameters), [row]);

describe('an input is one of a file', () => {
	const text = { type: 'string' };
	it.each<[string, string, unknown, unknown, unknown]>([
		['its format', 'first', { ...text, format: 'image_uri' }, 'data', dataUri],
		[
			'the format of a branch',
			'first',
			{ anyOf: [{ ...text, format: 'image_uri' }, { type: 'null' }] },
			'data',
			dataUri,
		],
		['its name', 'video_url', text, 'data', undefined],
		['a name with a number before it', '47_image', text, 'data', dataUri],
		['a name in camelCase', 'promptImage', text, 'data', dataUri],
		['the name of a list', 'image_urls', { type: 'array', items: text }, 'data', [dataUri]],
		['a URL as default', 'source', { ...text, default: URL_OF_PNG }, 'data', dataUri],
	])('by %s', async (_, name, schema, value, taken) => {
		offer(name, schema);
		const byForm = await run(form({ [name]: value }));
		const byJson = await run(json({ [name]: value }));
		if (taken === undefined) {
			expect(errorOf(byForm).message).toContain('must be a video, but the file');
			expect(errorOf(byJson).message).toContain('must be a video, but the file');
			expect(sent()).toEqual([]);
			return;
		}
		expect([byForm, byJson].flatMap(({ data }) => data.resultData.error ?? [])).toEqual([]);
		expect(sent()).toEqual([
			{ prompt: 'x', [name]: taken },
			{ prompt: 'x', [name]: taken },
		]);
	});

	it('by the schema of an object in it', async () => {
		const properties = { image: { type: 'string', format: 'image_uri' } };
		offer('elements', { type: 'array', items: { type: 'object', properties } });
		await run(json({ elements: [{ image: 'data' }] }));
		expect(sent()).toEqual([{ prompt: 'x', elements: [{ image: dataUri }] }]);
	});

	it('or the name of a binary field is no word for it, and both ways out are told', async () => {
		offer('style', text);
		const { message } = errorOf(await run(form({ style: 'data' })));
		expect(message).toContain('Style is the name of a binary field of the item');
		expect(message).toContain('{ "binary": "data" }');
		expect(sent()).toEqual([]);
	});
});

describe('a file may be given as', () => {
	it.each<[string, unknown, unknown]>([
		['the file itself', '={{ $binary.data }}', dataUri],
		['the file of an earlier node', `={{ $('Rows').item.binary.data }}`, dataUri],
		['{ "binary": "data" } in the form', '{ "binary": "data" }', dataUri],
		['an attachment with a URL', '={{ $json.attachment }}', URL_OF_PNG],
		['a list of one', '={{ [$json.attachment.url] }}', URL_OF_PNG],
		['a data URI', dataUri, dataUri],
	])('%s', async (_, value, taken) => {
		for (const store of ['disk', 'item'] as const) {
			world.engine.storeBinaryData(store);
			world.emulator.catalog.length = 0;
			world.emulator.requests.clear();
			offer('image_url', { type: 'string', format: 'image_uri' });
			const result = await run(form({ image_url: value }));
			expect(result.data.resultData.error).toBeUndefined();
			expect(sent()).toEqual([{ prompt: 'x', image_url: taken }]);
		}
	});

	it('the file itself in Kling Video', async () => {
		const workflow = klingWorkflow({
			operation: 'submit',
			prompt: 'x',
			generateFrom: 'image',
			startImageSource: 'binary',
			startImageField: '={{ $binary.data }}',
		});
		expect(nodeOf(workflow, 'Kling Video').parameters.startImageField).toBe('={{ $binary.data }}');
		await world.engine.run(workflow, [row]);
		expect(sent()).toMatchObject([{ start_image_url: dataUri }]);
	});

	it.each<[string, unknown]>([
		['a blank name', '  '],
		['nothing', ''],
	])('%s, which is nothing', async (_, value) => {
		offer('image_url', { type: 'string', format: 'image_uri' });
		await run(form({ image_url: value }));
		expect(sent()).toEqual([{ prompt: 'x' }]);
	});

	it.each<[string, unknown, unknown]>([
		['blanks', [' ', ''], []],
		['a URL and a name', `${URL_OF_PNG},data`, [URL_OF_PNG, dataUri]],
		[
			'URLs with commas in them',
			'https://files.example.com/a,b.png',
			['https://files.example.com/a,b.png'],
		],
	])('a list of %s', async (_, value, taken) => {
		offer('images', { type: 'array', items: { type: 'string', format: 'image_uri' } });
		await run(json({ images: value }));
		expect(sent()).toEqual([{ prompt: 'x', images: taken }]);
	});
});

describe('an address that RunComfy cannot open is refused before paying, with the remedy', () => {
	it.each([
		['http://files.example.com/a.png', 'an http URL'],
		['https://localhost/a.png', 'private network'],
		['https://10.0.0.7/a.png', 'private network'],
		['https://192.168.1.5:8443/a.png', 'private network'],
		['https://[::1]/a.png', 'private network'],
		['https://nas.local/a.png', 'private network'],
		['https://n8n/a.png', 'private network'],
		['file:///home/me/a.png', 'a path on one machine'],
		['https://drive.google.com/file/d/abc/view?usp=sharing', 'uc?export=download'],
		['https://www.dropbox.com/s/abc/a.png?dl=0', 'dl=1'],
		['https://files.example.com/a.png?x=1&amp;y=2', 'write & alone'],
		['https://a.example/a.png,https://a.example/b.png', 'more than one URL'],
		['https://a.example/a.png https://a.example/b.png', 'a space'],
	])('%s', async (url, remedy) => {
		offer('image_url', { type: 'string', format: 'image_uri' });
		const { message } = errorOf(await run(form({ image_url: url })));
		expect(message).toContain(remedy);
		expect(sent()).toEqual([]);
	});
});

describe('a value is sent as it was meant or not at all', () => {
	it.each<[string, unknown, unknown, string | object]>([
		['a seed too large to be exact', { type: 'integer' }, '9007199254740993', 'exactly'],
		['text for a number or text', { type: ['integer', 'string'] }, 'auto', { value: 'auto' }],
		['a number for a number or text', { type: ['integer', 'string'] }, '20', { value: 20 }],
		['text that begins as a list', { type: 'string' }, '[verse] la la', { value: '[verse] la la' }],
		[
			'text that begins as a list, where anything may be',
			{},
			'[verse] la la',
			{ value: '[verse] la la' },
		],
	])('%s', async (_, schema, value, taken) => {
		offer('value', schema);
		const result = await run(form({ value }));
		if (typeof taken === 'string') expect(errorOf(result).message).toContain(taken);
		expect(sent()).toEqual(typeof taken === 'string' ? [] : [{ prompt: 'x', ...taken }]);
	});

	it.each<[string, string, string | object]>([
		['a seed too large to be exact', '{"prompt":"x","value":9007199254740993}', 'exactly'],
		['a name twice', '{"prompt":"x","prompt":"y"}', 'has "prompt" twice'],
		['a code fence', 'Here you are:\n```json\n{"prompt":"x"}\n```', { prompt: 'x' }],
		[
			'a name that is the text of another',
			'{"prompt":"\\"prompt\\": {"}',
			{ prompt: '"prompt": {' },
		],
	])('JSON with %s', async (_, inputsJson, taken) => {
		offer('value', { type: 'number' });
		const result = await run({ ...json({}), inputsJson });
		if (typeof taken === 'string') expect(errorOf(result).message).toContain(taken);
		expect(sent()).toEqual(typeof taken === 'string' ? [] : [taken]);
	});

	it.each(['minimax/Hailuo Video 01 Live', 'wan', '快手/可灵'])('the ID %s', async (id) => {
		world.emulator.catalog.push({ model_id: id, categories: ['text-to-video'] });
		await run({ ...json({}), model: located(id, 'id') });
		expect([...world.emulator.requests.values()].map(({ model }) => model)).toEqual([id]);
	});
});
