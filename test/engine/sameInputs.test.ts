import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { klingWorkflow } from './klingWorkflow';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, errorOf, type World } from './world';

const png = readFileSync(join(__dirname, '../fixtures/formats/still.png'));
const dataUri = `data:image/png;base64,${png.toString('base64')}`;

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());
beforeEach(() => world.emulator.requests.clear());

const row = (json: object): INodeExecutionData => ({
	json: json as INodeExecutionData['json'],
	binary: { 'data ': { data: png.toString('base64'), mimeType: 'image/png' } },
});
const sent = () => [...world.emulator.requests.values()].map(({ input }) => input);

type Run = (json: object, source?: 'text' | 'image') => ReturnType<World['run']>;

/** Kling's own form, each field an expression that reads the item. */
const byKling: Run = async (json, source = 'text') =>
	await world.engine.run(
		klingWorkflow({
			operation: 'submit',
			prompt: '={{ $json.prompt }}',
			generateFrom: source,
			duration: '={{ $json.duration }}',
			sound: '={{ $json.sound }}',
			...(source === 'text'
				? { aspectRatio: '={{ $json.aspect_ratio }}' }
				: {
						startImageSource: 'binary',
						startImageField: '={{ $json.start_image_url }}',
						additionalFields: { elements: '={{ $json.elements }}' },
					}),
		}),
		[row(json)],
	);

/** The form that is made of the schema in the catalog, filled in with the same expressions. */
const byCatalog: Run = async (json, source = 'text') => {
	const names = Object.keys(json).filter((name) => name !== 'prompt');
	const value = Object.fromEntries(
		names.map((name) => [
			name === 'sound' && source === 'image' ? 'generate_audio' : name,
			`={{ $json.${name} }}`,
		]),
	);
	return await world.engine.run(
		modelWorkflow({
			operation: 'submit',
			model: located(`kling/kling-3.0/pro/${source}-to-video`),
			prompt: '={{ $json.prompt }}',
			inputs: { mappingMode: 'defineBelow', value, schema: [] },
		} as unknown as INodeParameters),
		[row(json)],
	);
};

describe.each<[string, Run]>([
	['Kling Video', byKling],
	['RunComfy', byCatalog],
])('the form of %s', (_, run) => {
	const usual = { prompt: 'a boat', duration: 5, sound: true, aspect_ratio: '16:9' };

	it.each<[string, object, object]>([
		['TRUE of a sheet for a switch', { sound: 'TRUE' }, { sound: true }],
		['a choice with a blank behind it', { aspect_ratio: '9:16 ' }, { aspect_ratio: '9:16' }],
		['a number as prompt', { prompt: 2026 }, { prompt: '2026' }],
		['text for a number', { duration: ' 7 ' }, { duration: 7 }],
	])('takes %s', async (_, given, taken) => {
		const result = await run({ ...usual, ...given });
		expect(result.data.resultData.error).toBeUndefined();
		expect(sent()).toEqual([{ ...usual, ...taken }]);
	});

	it('takes a file inside a list of objects, and a field whose name has a blank behind it', async () => {
		const result = await run(
			{
				prompt: 'a boat',
				duration: 5,
				sound: false,
				start_image_url: 'data ',
				elements: [{ frontal_image_url: { binary: 'data ' } }],
			},
			'image',
		);
		expect(result.data.resultData.error).toBeUndefined();
		expect(sent()).toEqual([
			{
				prompt: 'a boat',
				duration: 5,
				generate_audio: false,
				start_image_url: dataUri,
				elements: [{ frontal_image_url: dataUri }],
			},
		]);
	});

	it.each<[string, object, string]>([
		['a number out of range', { duration: 20 }, 'must be a whole number from 3 to 15, but is 20'],
		['text that is no number', { duration: '5s' }, 'but is the text "5s"'],
		['a switch without a value', { sound: null }, 'has no value'],
		['an empty prompt', { prompt: '' }, 'Prompt is required'],
	])('refuses %s in the same words', async (_, given, message) => {
		const result = await run({ ...usual, ...given });
		expect(errorOf(result).message).toContain(message);
		expect(sent()).toEqual([]);
	});
});

it('reads a list of files of 250,000 blanks as fast as any other text', async () => {
	const result = await world.engine.run(
		modelWorkflow({
			operation: 'submit',
			model: located('openai/gpt-image-2/edit'),
			prompt: 'a boat',
			inputs: {
				mappingMode: 'defineBelow',
				value: { images: `={{ "https://example.com/a.png" + " ".repeat(250000) + "x" }}` },
				schema: [],
			},
		} as unknown as INodeParameters),
		[row({})],
	);
	expect(errorOf(result).message).toContain('a URL with a space or line break inside');
});
