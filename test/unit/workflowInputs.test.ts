import { readGraph, isEditorExport } from '../../nodes/RunComfyDeployment/workflow/graph';
import {
	workflowInputs,
	type WorkflowInput,
} from '../../nodes/RunComfyDeployment/workflow/workflowInputs';
import { deployments, DEPLOYMENTS, withLargeSeeds } from '../fixtures/deployments';
import { objectInfo } from '../fixtures/objectInfo';

const info = JSON.parse(withLargeSeeds(JSON.stringify(objectInfo))) as unknown;

function graphOf(name: keyof typeof DEPLOYMENTS): unknown {
	const found = deployments().find(({ id }) => id === DEPLOYMENTS[name]);
	return JSON.parse(withLargeSeeds(JSON.stringify(found?.payload.workflow_api_json)));
}

function inputsOf(
	name: keyof typeof DEPLOYMENTS,
	objectInfoOrNone: unknown = info,
	suggested = new Map<string, Set<string>>(),
): WorkflowInput[] {
	return workflowInputs(readGraph(graphOf(name)), suggested, objectInfoOrNone);
}

const shownOf = (inputs: WorkflowInput[]) =>
	inputs.filter(({ isShown }) => isShown).map(({ label }) => label);
const one = (inputs: WorkflowInput[], name: string) => {
	const found = inputs.find((input) => input.name === name);
	if (!found) throw new Error(`There is no input ${name}`);
	return found;
};

describe('the inputs of a workflow', () => {
	it('are all its literals, and no link', () => {
		const names = inputsOf('textToImage').map(({ name }) => name);
		expect(names.toSorted()).toEqual(
			[
				...['3/seed', '3/steps', '3/cfg', '3/sampler_name', '3/scheduler', '3/denoise'],
				...['4/ckpt_name', '5/width', '5/height', '5/batch_size', '6/text', '7/text'],
				'9/filename_prefix',
			].toSorted(),
		);
	});

	it('are shown first when they are prompts, files, seeds, sizes or settings of the sampler', () => {
		expect(shownOf(inputsOf('textToImage'))).toEqual([
			'Positive Prompt › text',
			'Negative Prompt › text',
			'KSampler › seed',
			'Empty Latent Image › width',
			'Empty Latent Image › height',
			'Empty Latent Image › batch_size',
			'KSampler › steps',
			'KSampler › cfg',
			'KSampler › denoise',
		]);
	});

	it('are shown first when the deployment names them, and then no others', () => {
		const suggested = new Map([
			['4', new Set(['ckpt_name', 'gone'])],
			['99', new Set(['text'])],
		]);
		expect(shownOf(inputsOf('textToImage', info, suggested))).toEqual([
			'Load Checkpoint › ckpt_name',
		]);
	});

	it('are shown as usual when the deployment names only what is not there', () => {
		const suggested = new Map([['99', new Set(['text'])]]);
		expect(shownOf(inputsOf('textToImage', info, suggested))).toHaveLength(9);
	});

	it('have the ID of their node where two would read alike', () => {
		const shown = shownOf(inputsOf('imageEdit'));
		expect(shown).toContain('Edit Prompt (57:8) › prompt');
		expect(shown).toContain('Edit Prompt (57:9) › prompt');
		expect(shown).toContain('🎲 Seed & sampler 🎨 › seed');
		expect(shown).toContain('My Style › lora_name');
	});

	it('have labels of their own, also in letters that an agent’s tool does not tell apart', () => {
		const graph = readGraph({
			1: { class_type: 'A', inputs: { text: 'x' }, _meta: { title: '提示' } },
			2: { class_type: 'A', inputs: { text: 'y' }, _meta: { title: '负面' } },
			3: { class_type: 'A', inputs: { text: 'z' } },
		});
		const labels = workflowInputs(graph, new Map()).map(({ label }) => label);
		expect(labels).toEqual(['提示 (1) › text', '负面 (2) › text', 'A › text']);
	});

	it('of 79 nodes are all there', () => {
		expect(inputsOf('large')).toHaveLength(78 * 3 + 1);
	});

	it('are lists, objects and what has no value too', () => {
		expect(one(inputsOf('imageEdit'), '57:6/tags').kind).toBe('list');
		expect(one(inputsOf('wired'), '7/lora_1').kind).toBe('object');
		expect(one(inputsOf('wired'), '7/Update inputs').kind).toBe('any');
	});

	it('are shown when they are all that a node has, or belong to a choice of their node', () => {
		expect(shownOf(inputsOf('wired'))).toEqual([
			'My Prompt › value',
			'PartnerImage › model.prompt',
			'LoadAndCrop › image',
			'Seed › value',
			'PartnerImage › model.seed',
			'NoiseText › seed',
			'PartnerImage › model.width',
			'KSampler › cfg',
			'KSampler › denoise',
			'Size › value',
			'Steps › int',
		]);
	});

	it.each([undefined, null, [], 'x', { 1: 'x' }, { 1: { inputs: {} } }])('of %j are none', (raw) =>
		expect(readGraph(raw)).toEqual([]),
	);
});

describe('the type of an input', () => {
	it.each([
		['textToImage', '3/seed', { types: ['integer'], minimum: 0, maximum: 18446744073709551615n }],
		['textToImage', '3/cfg', { types: ['number'], minimum: 0, maximum: 100 }],
		['textToImage', '6/text', { types: ['string'] }],
		['large', '2/keep', { types: ['boolean'] }],
		['everyLoader', '7/speed', { types: [], choices: [1, 2, 4] }],
	] as const)('%s %s is what ComfyUI says of its class', (name, input, schema) => {
		expect(one(inputsOf(name), input).schema).toEqual(schema);
	});

	it.each([
		['textToImage', '3/seed', 'number'],
		['textToImage', '6/text', 'text'],
		['large', '2/keep', 'boolean'],
		['song', '74:1/seconds', 'text'],
		['imageToVideo', '2/width', 'number'],
	] as const)(
		'%s %s is that of its saved value where ComfyUI says nothing',
		(name, input, kind) => {
			expect(one(inputsOf(name, undefined), input).kind).toBe(kind);
		},
	);

	it('a choice that the list does not have is one when it is saved', () => {
		const graph = readGraph({ 1: { class_type: 'KSampler', inputs: { sampler_name: 'new' } } });
		const [{ schema }] = workflowInputs(graph, new Map(), info);
		expect(schema.choices).toContain('new');
	});

	it('a list of files is offered, and takes others', () => {
		const { schema, choices } = one(inputsOf('textToImage'), '4/ckpt_name');
		expect(choices).toEqual(['other.safetensors']);
		expect(schema).toEqual({ types: ['string'] });
	});

	it.each([info, undefined])('a loader takes a file of its kind (object_info: %#)', (known) => {
		const inputs = inputsOf('everyLoader', known);
		const kinds = Object.fromEntries(
			inputs
				.filter(({ kind }) => kind === 'file')
				.map(({ name, schema }) => [name, schema.file?.kind]),
		);
		expect(kinds).toEqual({
			'1/image': 'image',
			'2/image': 'image',
			'3/audio': 'audio',
			'4/file': 'video',
			'5/video': 'video',
		});
	});

	it.each(['seed', 'noise_seed', 'rand_seed', 'model.seed', 'subseed', 'seed_2'])(
		'%s is a seed',
		(name) => {
			const graph = readGraph({
				1: { class_type: 'A', inputs: { [name]: 1, seed_mode: 'fixed' } },
			});
			expect(workflowInputs(graph, new Map()).filter(({ isSeed }) => isSeed)).toHaveLength(1);
		},
	);

	it('a seed is the number, also as text, of a node that gives nothing but seeds', () => {
		const seeds = inputsOf('wired').filter(({ isSeed }) => isSeed);
		expect(seeds.map(({ name }) => name)).toEqual(['1/value', '9/model.seed', '11/seed']);
	});

	it('a node with several numbers has no seed that is called otherwise', () => {
		const graph = readGraph({
			1: { class_type: 'Between', inputs: { minimum: 0, maximum: 9 } },
			2: { class_type: 'A', inputs: { seed: ['1', 0] } },
		});
		expect(workflowInputs(graph, new Map()).filter(({ isSeed }) => isSeed)).toEqual([]);
	});
});

it.each<[unknown, boolean]>([
	[{ nodes: [], links: [], version: 0.4 }, true],
	[graphOf('textToImage'), false],
	[{}, false],
])('%j is known for what ComfyUI’s editor saves, or not', (raw, isExport) =>
	expect(isEditorExport(raw)).toBe(isExport),
);
