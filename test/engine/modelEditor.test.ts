import type { INodeParameters, INodeTypeDescription } from 'n8n-workflow';
import { longCatalog } from '../fixtures/catalog';
import { fullInput } from '../fixtures/catalogInputs';
import { oddModels } from '../fixtures/oddModels';
import { klingWorkflow } from './klingWorkflow';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, type World } from './world';

const FLUX = 'blackforestlabs/flux-2/flash/text-to-image';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const methods = () => {
	const { listSearch, loadOptions, resourceMapping } = world.engine.nodeType(
		'n8n-nodes-runcomfy.runComfy',
	).methods as {
		listSearch: { searchModels: Search };
		loadOptions: Record<string, Load>;
		resourceMapping: Record<string, Mapping>;
	};
	return {
		search: listSearch.searchModels,
		price: loadOptions.getPrice,
		form: resourceMapping.getInputs,
	};
};
type Methods = NonNullable<ReturnType<World['engine']['nodeType']>['methods']>;
type Search = NonNullable<Methods['listSearch']>[string];
type Load = NonNullable<Methods['loadOptions']>[string];
type Mapping = NonNullable<Methods['resourceMapping']>[string];

const workflow = (parameters: INodeParameters = {}) =>
	modelWorkflow({ model: located(''), ...parameters });
const search = async (...asked: [filter?: string, paginationToken?: string]) =>
	await world.engine.inEditor(workflow(), 'RunComfy', async function () {
		return await methods().search.call(this, ...asked);
	});
const rows = async (filter?: string) => (await search(filter)).results.map(({ name }) => name);
const form = async (parameters: INodeParameters) =>
	await world.engine.inEditor(workflow(parameters), 'RunComfy', async function () {
		return await methods().form.call(this);
	});
const price = async (model: string) =>
	await world.engine.inEditor(workflow({ model: located(model) }), 'RunComfy', async function () {
		return await methods().price.call(this);
	});
const down = () => (world.emulator.chooseFault = () => 'rejected');

describe('the list of models', () => {
	it('says name and what a model makes, once, with a link to its page', async () => {
		const { results } = await search();
		expect(results).toHaveLength(43);
		expect(results).toContainEqual({
			name: 'Kling 3.0 pro · text to video',
			value: 'kling/kling-3.0/pro/text-to-video',
			url: 'https://www.runcomfy.com/models/kling/kling-3.0/pro/text-to-video',
		});
		const names = results.map(({ name }) => name);
		expect(names).toEqual(
			names.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true })),
		);
	});

	it.each([
		['by its name', 'flux 2 FLASH', FLUX],
		['by its ID', 'flux-2/flash', FLUX],
		['by what it makes', 'text to audio', 'bytedance/seed-audio-1.0/text-to-audio'],
		['by words of all three', 'elevenlabs audio music', 'elevenlabs/elevenlabs/music-generation'],
	])('finds a model %s', async (_, filter, id) => {
		const { results } = await search(filter);
		expect(results.map(({ value }) => value)).toContain(id);
		expect(results.length).toBeLessThan(6);
	});

	it('finds nothing for words that no model has', async () =>
		expect(await rows('flux boat')).toEqual([]));

	it('comes in pages, each model once', async () => {
		world.emulator.catalog = longCatalog(1_203);
		const values: unknown[] = [];
		let token: string | undefined;
		do {
			const page = await search('', token);
			expect(page.results.length).toBeLessThanOrEqual(100);
			values.push(...page.results.map(({ value }) => value));
			token = page.paginationToken as string | undefined;
		} while (token !== undefined);
		expect(new Set(values).size).toBe(1_203);
		expect(values).toHaveLength(1_203);
	});

	it('takes models of which hardly anything is known', async () => {
		world.emulator.catalog = [{ model_id: 'a/b' }, { display_name: 'no ID' } as never];
		expect((await search()).results).toEqual([{ name: 'a/b', value: 'a/b' }]);
	});

	it('takes models that are odd in any way', async () => {
		world.emulator.catalog = oddModels().map(({ entry }) => entry);
		const { results } = await search();
		expect(results.map(({ value }) => value).sort()).toEqual(
			world.emulator.catalog.map(({ model_id: id }) => id).sort(),
		);
		expect(results.map(({ name }) => name)).toEqual(results.map(() => expect.stringMatching(/\S/)));
	});

	it('tells why it cannot be had', async () => {
		await world.engine.saveCredential('runcomfy', {
			apiToken: 'a-wrong-token',
			baseUrl: world.emulator.url,
		});
		await expect(search()).rejects.toThrow('RunComfy rejected the API token');
	});
});

describe('the price', () => {
	it.each([
		['kling/kling-3.0/pro/text-to-video', 'From $0.112 per second. 0.168 with audio.'],
		['kling/kling-video-o3/pro/text-to-video', 'Sound adds about 25 %.'],
		['kling/kling-video-o3/4K/text-to-video', 'Not in the catalog: see the model’s page'],
		['', 'Choose a model to see its price'],
		['no/such/model', 'Not available right now'],
	])('of %s: %s', async (model, name) => {
		expect(await price(model)).toMatchObject([{ name, value: '' }]);
	});

	it.each<[INodeParameters, string]>([
		[{}, 'From $0.112 per second. 0.168 with audio.'],
		[{ model: 'standard', generateFrom: 'image' }, 'From $0.084 per second. 0.126 with audio.'],
		[{ model: '4k', specifyInputs: 'json' }, 'From $0.42 per second. Same with audio.'],
		[
			{ model: 'byId', modelId: 'kling/kling-video-o3/pro/text-to-video' },
			'Sound adds about 25 %.',
		],
		[{ model: 'byId' }, 'Choose a model to see its price'],
		[{ model: '={{ $json.model }}' }, 'Choose a model to see its price'],
	])('of Kling Video with %j: %s', async (parameters, name) => {
		const { getPrice } = world.engine.nodeType('n8n-nodes-runcomfy.klingVideo').methods
			?.loadOptions as Record<string, Load>;
		const kling = klingWorkflow(parameters);
		const shown = await world.engine.inEditor(kling, 'Kling Video', async function () {
			return await getPrice.call(this);
		});
		expect(shown).toMatchObject([{ name, value: '' }]);
	});
});

describe('the form', () => {
	it('is made of the schema', async () => {
		const { fields } = await form({ model: located(FLUX) });
		expect(fields.map(({ id }) => id).sort()).toEqual([
			'guidance_scale',
			'image_size',
			'output_format',
			'seed',
		]);
		expect(fields.every(({ readOnly, removed }) => readOnly === false && removed === true)).toBe(
			true,
		);
	});

	it.each([
		['', 'Choose a model'],
		['odd/no-schema/image-to-video', 'RunComfy lists no inputs for this model'],
		['no/such/model', 'RunComfy does not know this model'],
		['={{ $json.model }}', 'Choose a model'],
	])('of %j tells why it is empty: %s', async (model, notice) => {
		const { fields, emptyFieldsNotice } = await form({ model: located(model) });
		expect(fields).toEqual([]);
		expect(emptyFieldsNotice).toContain(notice);
	});

	it.each(oddModels())('of a model with $oddity can be filled in', async ({ entry }) => {
		world.emulator.catalog = [entry];
		const { fields, emptyFieldsNotice = '' } = await form({ model: located(entry.model_id) });
		const shown = fields.map(({ id }) => id);
		const elsewhere = Object.keys(fullInput(entry)).filter((name) => !shown.includes(name));
		expect([[], ['prompt']]).toContainEqual(elsewhere);
		expect(shown.length > 0 || emptyFieldsNotice !== '').toBe(true);
		expect(await price(entry.model_id)).toMatchObject([{ name: /\S/, value: '' }]);
	});

	it('of a model by the address of its page is found', async () => {
		const page = located('https://www.runcomfy.com/models/blackforestlabs/flux-2-flash', 'url');
		expect((await form({ model: page })).fields).toHaveLength(4);
	});

	it('stays as it is while the catalog cannot be read', async () => {
		const { fields } = await form({ model: located(FLUX) });
		down();
		const inputs = { mappingMode: 'defineBelow', value: { seed: 5 }, schema: fields };
		const kept = await form({ model: located(FLUX), inputs: inputs as unknown as INodeParameters });
		expect(kept).toEqual({ fields });
	});
});

it('both nodes give each other’s operations and options', () => {
	const ours = (name: string): INodeTypeDescription =>
		world.engine.nodeType(`n8n-nodes-runcomfy.${name}`).description;
	const values = (name: string) =>
		ours(name).properties.flatMap(({ name: field, options = [] }) =>
			field === 'operation' ? options.map((option) => 'value' in option && option.value) : [],
		);
	expect(values('runComfy')).toEqual(values('klingVideo'));
});
