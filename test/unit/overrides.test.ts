import { readGraph } from '../../nodes/RunComfyDeployment/workflow/graph';
import {
	asOverrides,
	flatValues,
	misplaced,
	newSeeds,
} from '../../nodes/RunComfyDeployment/workflow/overrides';
import { workflowInputs } from '../../nodes/RunComfyDeployment/workflow/workflowInputs';
import { deployments, DEPLOYMENTS } from '../fixtures/deployments';

const graphOf = (id: string) =>
	readGraph(deployments().find((one) => one.id === id)?.payload.workflow_api_json);

const GRAPH = graphOf(DEPLOYMENTS.textToImage);
const INPUTS = workflowInputs(GRAPH, new Map());
const faultsOf = (name: string) => misplaced({ [name]: 1 }, GRAPH).map(({ says }) => says);

describe('overrides', () => {
	it('are the values by node, and come back as they were', () => {
		const overrides = {
			'57:8': { inputs: { prompt: 'x', 'resize.by/2': 1 } },
			'3': { inputs: { seed: 5 } },
		};
		const { values, faults } = flatValues(overrides);
		expect(faults).toEqual([]);
		expect(values).toEqual({ '57:8/prompt': 'x', '57:8/resize.by/2': 1, '3/seed': 5 });
		expect(asOverrides(values)).toEqual(overrides);
	});

	it('wrap a list of values, which would be a link', () => {
		expect(asOverrides({ '6/tags': ['4', 0] })).toEqual({
			'6': { inputs: { tags: { __value__: ['4', 0] } } },
		});
	});

	it.each([5, null, ['x'], { text: 'x' }, { inputs: {}, class_type: 'KSampler' }])(
		'do not take %j for the inputs of a node',
		(override) => expect(flatValues({ '3': override }).faults).toHaveLength(1),
	);
});

describe('what cannot be set is refused', () => {
	it.each([
		[
			'99/text',
			'is of a node that this workflow does not have: did you mean node 9? There are 3 (KSampler), 4 (Load Checkpoint)',
		],
		['#6/text', 'did you mean node 6?'],
		['positive prompt/text', 'did you mean node 6?'],
		['#/text', 'is of a node that this workflow does not have: use one of 3 (KSampler)'],
		['6/txt', 'is not an input of Positive Prompt: did you mean text? It has text'],
		[
			'6/clip',
			'cannot be set, for another node gives it: set an input of Load Checkpoint (4) instead',
		],
		['8/x', 'is not an input of VAE Decode. It has none that can be set'],
		['6/constructor', 'is not an input of Positive Prompt. It has text'],
	])('%s', (name, says) => expect(faultsOf(name).join()).toContain(says));

	it('and what can be set is not', () => {
		expect(INPUTS.flatMap(({ name }) => faultsOf(name))).toEqual([]);
	});
});

describe('a new seed', () => {
	it('is there for every seed that is not set', () => {
		expect(Object.keys(newSeeds(INPUTS, {}))).toEqual(['3/seed']);
		expect(newSeeds(INPUTS, { '3/seed': 5 })).toEqual({});
	});

	it('fits 31 bits, which more classes take than any more', () => {
		const seeds = Array.from({ length: 500 }, () => newSeeds(INPUTS, {})['3/seed']);
		expect(Math.max(...seeds)).toBeLessThan(2 ** 31);
	});

	it('is another on every run, and in the range of its input', () => {
		const graph = readGraph({ 1: { class_type: 'A', inputs: { seed: 1 } } });
		const info = { A: { input: { required: { seed: ['INT', { min: 3, max: 9 }] } } } };
		const inputs = workflowInputs(graph, new Map(), info);
		const seeds = Array.from({ length: 500 }, () => newSeeds(inputs, {})['1/seed']);
		expect([...new Set(seeds)].toSorted()).toEqual([3, 4, 5, 6, 7, 8, 9]);
	});
});
