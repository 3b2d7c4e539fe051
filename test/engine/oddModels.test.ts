import type { INode, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { LocalServer } from '../emulator/LocalServer';
import { itemsOf, type WorkflowJson } from '../fixtures/workflows';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, errorOf, type World } from './world';

const ODD = 'odd/one';
const png = readFileSync(join(__dirname, '../fixtures/formats/still.png'));

/** A server whose one request has this output. */
class OneResult extends LocalServer {
	private constructor(private readonly output: unknown) {
		super();
	}

	static async with(output: unknown): Promise<OneResult> {
		return await new OneResult(output).listen();
	}

	protected async answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
		if (url === '/file') {
			response.writeHead(200, { 'content-type': 'image/png' }).end(png);
			return;
		}
		const body = { request_id: 'r-1', status: 'completed', output: this.output };
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify(body).replaceAll('{file}', `${this.url}/file`));
	}
}

let world: World;
beforeEach(async () => {
	world = await createWorld();
	world.engine.log.length = 0;
});
afterEach(async () => await world.end());

/** Makes the catalog have a model with this schema. */
function offer(schema: unknown): void {
	world.emulator.catalog.push({
		model_id: ODD,
		categories: ['text-to-image'],
		model_url: 'https://www.runcomfy.com/models/odd/page',
		input_schema: schema,
	});
}
const offerOne = (property: unknown, required: string[] = []) =>
	offer({ type: 'object', properties: { prompt: { type: 'string' }, value: property }, required });

const withPng: INodeExecutionData = {
	json: {},
	binary: { data: { data: png.toString('base64'), mimeType: 'image/png' } },
};
const form = (value: unknown, rest: object = {}): INodeParameters =>
	({
		inputs: { mappingMode: 'defineBelow', value, schema: [], ...rest },
	}) as unknown as INodeParameters;
const json = (input: unknown): INodeParameters => ({
	specifyInputs: 'json',
	inputsJson: typeof input === 'string' ? input : JSON.stringify(input),
});
const odd = (parameters: INodeParameters, settings: Partial<INode> = {}): WorkflowJson =>
	modelWorkflow({ model: located(ODD), operation: 'submit', ...parameters }, settings);
const run = async (parameters: INodeParameters, items?: INodeExecutionData[]) =>
	await world.engine.run(odd(parameters), items);
const sent = () => [...world.emulator.requests.values()].map(({ input }) => input);

describe('a form whose values are not given field by field', () => {
	it.each([
		['mapped automatically', { mappingMode: 'autoMapInputData', value: null, schema: [] }],
		['one expression', '={{ $json.inputs }}'],
		[
			'one expression inside',
			{ mappingMode: 'defineBelow', value: '={{ $json.none }}', schema: [] },
		],
		['a list', []],
	])('is refused, and not billed as an empty one: %s', async (_, inputs) => {
		offerOne({ type: 'integer' });
		const result = await run({ prompt: 'x', inputs } as unknown as INodeParameters, [
			{ json: { inputs: { value: { value: 5 } } } },
		]);
		expect(sent()).toEqual([]);
		expect(errorOf(result).message).toContain('Inputs');
	});

	it('may have no values at all', async () => {
		offerOne({ type: 'integer' });
		await run({ prompt: 'x', ...form(null) });
		expect(sent()).toEqual([{ prompt: 'x' }]);
	});
});

describe('a form that the editor keeps beside the values', () => {
	it('is no expression, whatever it contains', async () => {
		offerOne({ type: 'string', enum: ['=', '={{ 1 + 1 }}'] });
		const result = await run({
			prompt: 'x',
			...form(
				{},
				{
					schema: [
						{
							id: 'value',
							displayName: '={{ $execution.customData.set("a", "b") }}{{ nothing.here.at.all }}',
							type: 'string',
							required: false,
							removed: true,
							display: true,
						},
					],
				},
			),
		});
		expect(result.data.resultData.error).toBeUndefined();
		expect(JSON.stringify(result.data.resultData)).not.toContain('customData.set');
		expect(result.data.resultData.metadata).not.toHaveProperty('a');
		expect(sent()).toEqual([{ prompt: 'x' }]);
	});
});

describe('values', () => {
	it.each([
		['NaN', { type: 'number' }, '={{ NaN }}'],
		['Infinity', { type: 'number' }, '={{ 1 / 0 }}'],
		['a number with a comma', { type: 'number' }, '1,5'],
		['a number with a unit', { type: 'integer' }, '5s'],
		['white space for a number', { type: 'integer' }, '  '],
		['an empty entry among files', { type: 'array', items: { format: 'image_uri' } }, ['data', '']],
	])('are refused: %s', async (_, property, value) => {
		offerOne(property);
		const result = await run({ prompt: 'x', ...form({ value }) }, [withPng]);
		expect(sent()).toEqual([]);
		expect(errorOf(result).message).toContain('Value');
	});

	it('are refused in JSON where they are no numbers', async () => {
		offerOne({ type: 'number' });
		const result = await run(json('={{ { prompt: "x", value: NaN } }}'));
		expect(sent()).toEqual([]);
		expect(errorOf(result).message).toContain('value has no value');
	});

	it.each([
		['TRUE of a sheet', { type: 'boolean' }, 'TRUE', true],
		['FALSE of a sheet', { type: 'boolean' }, ' False ', false],
		['an empty choice', { type: 'string', enum: ['', 'anime'] }, '', ''],
		['a choice of both kinds', { enum: [1, '1', true] }, '1', '1'],
		['a choice that is a switch', { type: 'boolean', enum: [true] }, 'true', true],
		['a number that has spaces', { type: 'integer' }, ' 5 ', 5],
		[
			'a time as text',
			{},
			'={{ DateTime.fromISO("2026-01-02T03:04:05Z").toUTC() }}',
			'2026-01-02T03:04:05.000Z',
		],
		[
			'a time in an object',
			{ type: 'object' },
			'={{ { at: DateTime.fromISO("2026-01-02T03:04:05Z").toUTC() } }}',
			{ at: '2026-01-02T03:04:05.000Z' },
		],
		[
			'nothing in an object',
			{ type: 'object' },
			'={{ { a: undefined, b: 1 } }}',
			{ a: null, b: 1 },
		],
	])('are taken: %s', async (_, property, value, taken) => {
		offerOne(property);
		const result = await run({ prompt: 'x', ...form({ value }) });
		expect(result.data.resultData.error).toBeUndefined();
		expect(sent()).toEqual([{ prompt: 'x', value: taken }]);
	});
});

describe('names', () => {
	const names = ['a b', 'a.b', 'größe', 'toString', 'length', 'hasOwnProperty', '0'];

	it('may be any text', async () => {
		const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
		offer({ type: 'object', properties: { prompt: { type: 'string' }, ...properties } });
		const input = Object.fromEntries(names.map((name) => [name, 'x']));
		const result = await run({ prompt: 'x' });
		expect(result.data.resultData.error).toBeUndefined();
		await run({ prompt: 'x', ...form(input) });
		await run(json({ prompt: 'x', ...input }));
		expect(sent()).toEqual([{ prompt: 'x' }, { prompt: 'x', ...input }, { prompt: 'x', ...input }]);
	});

	it('inside an object may be any text', async () => {
		const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
		offerOne({ type: 'object', properties });
		const result = await run(json({ prompt: 'x', value: {} }));
		expect(result.data.resultData.error).toBeUndefined();
		expect(sent()).toEqual([{ prompt: 'x', value: {} }]);
	});

	it('that every object has are asked for like any other', async () => {
		offer({
			type: 'object',
			properties: { constructor: { type: 'string' } },
			required: ['constructor'],
		});
		expect(errorOf(await run(json({}))).message).toContain('constructor is required');
	});
});

describe('files', () => {
	const file = `data:image/png;base64,${png.toString('base64')}`;
	it.each([
		[
			'where null is another choice',
			{ anyOf: [{ type: 'string', format: 'image_uri' }, { type: 'null' }] },
			file,
		],
		[
			'in a list where null is another choice',
			{ anyOf: [{ type: 'array', items: { format: 'image_uri' } }, { type: 'null' }] },
			[file],
		],
		['where a choice has one branch', { allOf: [{ type: 'string', format: 'image_uri' }] }, file],
		['of a least length', { type: 'string', format: 'image_uri', minLength: 10 }, file],
		['of a pattern', { type: 'string', format: 'image_uri', pattern: '^(https?|data):.+' }, file],
	])('go by the name of their field: %s', async (_, property, taken) => {
		offerOne(property);
		const result = await run({ prompt: 'x', ...form({ value: 'data' }) }, [withPng]);
		expect(result.data.resultData.error).toBeUndefined();
		expect(sent()).toEqual([{ prompt: 'x', value: taken }]);
	});

	it('that are given as bare base64 stay out of the error', async () => {
		offerOne({ type: 'string', format: 'image_uri' });
		const bare = png.toString('base64');
		const { message } = errorOf(await run({ prompt: 'x', ...form({ value: bare }) }));
		expect(message).toContain('data URI');
		expect(message).not.toContain(bare.slice(0, 10));
	});
});

describe('schemas', () => {
	it('that are put together may have more inputs than they name', async () => {
		offer({
			properties: { prompt: { type: 'string' } },
			allOf: [{ properties: { seed: { type: 'integer' } } }],
		});
		await run(json({ prompt: 'x', seed: 5 }));
		expect(sent()).toEqual([{ prompt: 'x', seed: 5 }]);
	});

	it('may name further inputs by patterns', async () => {
		offer({
			properties: { prompt: { type: 'string' } },
			patternProperties: { '^x_': { type: 'integer' } },
		});
		await run(json({ prompt: 'x', x_a: 5 }));
		expect(sent()).toEqual([{ prompt: 'x', x_a: 5 }]);
	});

	it('whose properties are a list are passed on, and said', async () => {
		world.emulator.catalog.push({
			model_id: ODD,
			categories: ['text-to-image'],
			input_schema: { type: 'object', properties: [] },
		});
		await run(json({ prompt: 'x' }));
		expect(sent()).toEqual([{ prompt: 'x' }]);
		expect(world.engine.log.join()).toContain('sent without a check');
	});

	it('cannot keep n8n busy with a pattern', async () => {
		offerOne({ type: 'string', pattern: '^(a+)+$' });
		await run(json({ prompt: 'x', value: `${'a'.repeat(27)}b` }));
		expect(world.engine.log.join()).toContain('value: pattern');
	});

	it('of half a megabyte are read, and leave errors short', async () => {
		const values = Array.from({ length: 20_000 }, (_, index) => `a voice of number ${index}`);
		offerOne({ type: 'string', enum: values, title: 'Voice '.repeat(1_000) });
		const items = Array.from({ length: 5 }, () => ({ json: {} }));
		await run({ prompt: 'x', ...form({ value: 'a voice of number 19999' }) }, items);
		expect(sent()).toHaveLength(5);
		const { message } = errorOf(await run({ prompt: 'x', ...form({ value: 'none' }) }));
		expect(message.length).toBeLessThan(1_000);
	});
});

describe('the catalog', () => {
	it('is asked once for its list, however many pages are named', async () => {
		const pages = world.emulator.catalog
			.flatMap(({ model_url: url, categories }) =>
				url && categories?.[0] === 'text-to-video' ? [url] : [],
			)
			.slice(0, 4);
		const result = await world.engine.run(
			modelWorkflow({
				model: located('={{ $json.page }}', 'url'),
				operation: 'submit',
				...json({ prompt: 'x' }),
			}),
			pages.map((page) => ({ json: { page } })),
		);
		expect(result.data.resultData.error).toBeUndefined();
		expect(pages.length).toBeGreaterThan(1);
		expect(world.emulator.count('models')).toBe(1);
	});

	it('that fails for one model holds no other up', async () => {
		offerOne({});
		world.emulator.chooseFault = ({ endpoint, modelId }) =>
			endpoint === 'model' && modelId === ODD ? 'json500' : undefined;
		const flux = 'blackforestlabs/flux-2/flash/text-to-image';
		const result = await world.engine.run(
			modelWorkflow(
				{ model: located('={{ $json.id }}', 'id'), operation: 'submit', ...json({ prompt: 'x' }) },
				{ onError: 'continueRegularOutput' },
			),
			[{ json: { id: ODD } }, { json: { id: flux } }, { json: { id: ODD } }],
		);
		const items = itemsOf(result, 'RunComfy').map(({ json: { error } }) => error);
		expect(items).toEqual([
			"RunComfy's model catalog could not be read",
			undefined,
			"RunComfy's model catalog could not be read",
		]);
		expect(sent()).toHaveLength(1);
	});

	it.each([
		'hangBefore',
		'halfJson',
		'empty200',
		'html200',
		'throttled',
		'forbidden',
		'notFound',
	] as const)(
		'that answers with %s ends the run in time, before anything is paid',
		async (fault) => {
			offerOne({});
			world.emulator.retryAfter = '86400';
			world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'model' ? fault : undefined);
			const began = Date.now();
			const { message } = errorOf(await run({ prompt: 'x' }));
			expect(message).toMatch(
				/catalog could not be read|cannot use this model|does not know this model/,
			);
			expect(Date.now() - began).toBeLessThan(90_000);
			expect(sent()).toEqual([]);
		},
	);

	it('that hangs is let go of by a Stop', async () => {
		offerOne({});
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'model' ? 'hangBefore' : undefined;
		const began = Date.now();
		const execution = world.engine.start(odd({ prompt: 'x' }));
		await new Promise((resolve) => setTimeout(resolve, 3_000));
		execution.stop();
		await execution.finished;
		expect(Date.now() - began).toBeLessThan(4_000);
		expect(sent()).toEqual([]);
	});

	it('never puts another model in the place of the one that was asked for', async () => {
		offerOne({});
		const entry = world.emulator.model(ODD);
		Object.defineProperty(entry, 'toJSON', {
			value: () => ({ ...entry, model_id: 'kling/kling-3.0/pro/text-to-video' }),
		});
		await run({ prompt: 'x' });
		expect(world.emulator.count('model')).toBe(1);
		expect([...world.emulator.requests.values()].map(({ model }) => model)).not.toContain(
			'kling/kling-3.0/pro/text-to-video',
		);
	});
});

describe('a Retry', () => {
	/** A request whose result cannot be read the first time. */
	async function failed(parameters: INodeParameters) {
		let faults = 1;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'result' && faults-- > 0 ? 'forbidden' : undefined;
		const workflow = odd({ operation: 'generate', prompt: 'x', ...parameters });
		const first = await world.engine.run(workflow);
		expect(first.status).toBe('error');
		return first;
	}

	it.each<[string, INodeParameters, INodeParameters]>([
		[
			'the form was refreshed',
			form({ value: 5 }),
			form({ value: 5 }, { schema: [{ id: 'value', displayName: 'Value', type: 'number' }] }),
		],
		[
			'the model has another name in the list',
			{},
			{
				model: {
					__rl: true,
					mode: 'list',
					value: ODD,
					cachedResultName: 'New',
					cachedResultUrl: 'https://a.example',
				} as unknown as INodeParameters,
			},
		],
		['the model is given by ID', {}, { model: located(ODD, 'id') }],
		['the price was shown', {}, { price: 'x' }],
		['the values are in another order', form({ a: 1, value: 5 }), form({ value: 5, a: 1 })],
	])('does not pay again because %s', async (_, before, after) => {
		offer({ properties: { prompt: {}, value: { type: 'integer' }, a: {} } });
		const first = await failed(before);
		const again = await world.engine.retry(
			odd({ operation: 'generate', prompt: 'x', ...before, ...after }),
			first,
		);
		expect(again.status).toBe('success');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('does not pay again because the check is off', async () => {
		offer({ properties: { prompt: {} } });
		const parameters = { prompt: '', ...json({ prompt: 'x' }) };
		const first = await failed(parameters);
		const asked = world.emulator.count('model');
		const again = await world.engine.retry(
			odd({ operation: 'generate', ...parameters, checkInputs: false }),
			first,
		);
		expect(again.status).toBe('success');
		expect(world.emulator.count('model')).toBe(asked);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('submits what was changed', async () => {
		offer({ properties: { prompt: {}, value: { type: 'integer' } } });
		const first = await failed(form({ value: 5 }));
		await world.engine.retry(
			odd({ operation: 'generate', prompt: 'x', ...form({ value: 6 }) }),
			first,
		);
		expect(world.emulator.paidPosts).toBe(2);
	});
});

describe.each([2, 3])('as the tool of an AI agent of version %i', (version) => {
	/** An agent that calls the node as its tool with these arguments. */
	async function call(args: object): Promise<string[]> {
		const workflow = odd({
			prompt: `={{ $fromAI('prompt', 'what to show') }}`,
			...form({
				value: `={{ $fromAI('value', 'how many', 'number', 4) }}`,
				sound: `={{ $fromAI('sound', 'with sound', 'boolean', false) }}`,
			}),
		});
		workflow.nodes[1].type += 'Tool';
		workflow.nodes.push({
			id: '9',
			name: 'Agent',
			type: `stand-in.agentV${version}`,
			typeVersion: 1,
			position: [0, 0],
			parameters: { turns: JSON.stringify([[args]]), tool: 'RunComfy' },
		});
		workflow.connections = {
			Rows: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
			RunComfy: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		};
		return itemsOf(await world.engine.run(workflow), 'Agent').map(({ json: { text } }) =>
			String(text),
		);
	}

	beforeEach(() =>
		offer({
			required: ['prompt'],
			properties: {
				prompt: { type: 'string' },
				value: { type: 'integer', minimum: 1, maximum: 9 },
				sound: { type: 'boolean' },
			},
		}),
	);

	it('takes the form from the model’s arguments, and defaults for those it leaves out', async () => {
		const [text] = await call({ prompt: 'x', value: 5, sound: true });
		expect(text).toContain([...world.emulator.requests.keys()][0]);
		await call({ prompt: 'x' });
		expect(sent()).toEqual([
			{ prompt: 'x', value: 5, sound: true },
			{ prompt: 'x', value: 4, sound: false },
		]);
	});

	it('tells the model what to correct', async () => {
		const [text] = await call({ prompt: 'x', value: 50, sound: true });
		expect(text).toContain('Value must be a whole number from 1 to 9, but is 50');
		expect(sent()).toEqual([]);
	});
});

describe('outputs', () => {
	/** What the node makes of an output in which `{file}` is replaced by a file’s URL. */
	async function madeOf(output: unknown): Promise<INodeExecutionData[]> {
		const server = await OneResult.with(output);
		await world.engine.saveCredential('other', {
			apiToken: 'a-token-of-mine',
			baseUrl: server.url,
		});
		const workflow = modelWorkflow({ operation: 'getResult', requestId: 'r-1' });
		workflow.nodes[1].credentials = { runComfyApi: { id: 'other', name: 'other' } };
		const result = await world.engine.run(workflow).finally(async () => await server.stop());
		expect(result.data.resultData.error).toBeUndefined();
		return itemsOf(result, 'RunComfy');
	}

	it.each<[unknown, number]>([
		[{ image: null }, 0],
		[{ image: { url: null } }, 0],
		[{ images: [null, '{file}', { url: '{file}' }] }, 1],
		['a text', 0],
		[['{file}'], 1],
		[{ url: '{file}' }, 1],
		['{file}', 1],
		[{ audio: [], text: 'words' }, 0],
		[{ image: '{file}', video: '' }, 1],
		[null, 0],
	])('of an odd shape are no errors: %j', async (output, files) => {
		const items = await madeOf(output);
		expect(items).toHaveLength(Math.max(1, files));
		expect(items.filter(({ binary }) => binary?.data)).toHaveLength(files);
		expect(items[0].json.count).toBe(files);
	});
});
