import type { INodeParameters, INodeProperties, IRun } from 'n8n-workflow';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { nodeOf, type WorkflowJson } from '../../fixtures/workflows';
import { ideas, klingWorkflow } from '../klingWorkflow';
import { MemoryDatabase } from '../MemoryDatabase';
import { located, modelWorkflow } from '../modelWorkflow';
import { itOfModels } from '../itOfModels';
import { isDeployment } from '../nodeUnderTest';
import { createWorld, errorOf, videosOf, type World } from '../world';

const FRAME = readFileSync(resolve(__dirname, '../../fixtures/clips/still.png'));
const WAITING = { options: { maximumWaitMinutes: 1 } };

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => {
	world.engine.storeBinaryData('disk');
	await world.end();
});

/** Runs a workflow until its wait is over, and then the Retry of its execution, perhaps of another workflow. */
async function retried(first: WorkflowJson, second = first, items = ideas('a row')): Promise<IRun> {
	const failed = await world.engine.run(first, items);
	expect(errorOf(failed).message).toContain('was not ready');
	return await world.engine.retry(second, failed);
}

type Pair = [string, INodeParameters, INodeParameters];

const WITH_IMAGE: INodeParameters = isDeployment
	? inputs({ '2/prompt': '[slow] one', '1/image': 'data' })
	: { generateFrom: 'image', startImageSource: 'binary' };
const SAME: Pair[] = [
	['a default that was chosen, and left out', { duration: 5, sound: true }, {}],
	['a list whose entries hold their defaults', segments({ duration: 3 }), segments({})],
	['fields in another order', { sound: false, duration: 9 }, { duration: 9, sound: false }],
];
const EDITS: Pair[] = [
	['a value', { duration: 7 }, { duration: 8 }],
	['a value that is the default again', { duration: 7 }, { duration: 5 }],
	['the model', {}, { model: 'standard' }],
	['an entry of a list', segments({ duration: 3 }), segments({ duration: 4 })],
	['a field that is added', {}, { additionalFields: { cfgScale: 0.5 } }],
];
const SAME_OF_DEPLOYMENTS: Pair[] = [
	['a default that was chosen, and left out', { seed: 'new' }, {}],
	[
		'inputs in another order',
		slow({ '3/steps': 5, '2/width': 640 }),
		slow({ '2/width': 640, '3/steps': 5 }),
	],
];
const EDITS_OF_DEPLOYMENTS: Pair[] = [
	['a value', slow({ '3/steps': 7 }), slow({ '3/steps': 8 })],
	['the seed', {}, { seed: 'keep' }],
	['an input that is added', {}, slow({ '3/steps': 8 })],
];

function inputs(value: INodeParameters): INodeParameters {
	return { inputs: { mappingMode: 'defineBelow', value } };
}

function slow(more: INodeParameters): INodeParameters {
	return inputs({ '2/prompt': '[slow] one', ...more });
}

describe('promise 2: what tells that two tries ask for the same', () => {
	const kling = (parameters: INodeParameters = {}) =>
		klingWorkflow({ ...WAITING, prompt: '[slow] one', ...parameters });

	it.each(['disk', 'database', 'item'] as const)(
		'an uploaded image is the same after n8n has renamed it in its store (%s)',
		async (store) => {
			world.engine.storeBinaryData(store === 'database' ? new MemoryDatabase() : store);
			const json = kling(WITH_IMAGE);
			const upload = await world.engine.upload(FRAME, 'frame.png');
			const failed = await world.engine.run(json, [{ json: {}, binary: { data: upload } }]);
			expect(errorOf(failed).message).toContain('was not ready');
			// In the database, and in the item, a file has no execution in its name.
			expect(await world.engine.saveUploads(failed)).toBe(store === 'disk' ? 1 : 0);
			const run = await world.engine.retry(kling({ ...WITH_IMAGE, options: {} }), failed);
			expect(videosOf(run)).toHaveLength(1);
			expect(world.emulator.paidPosts).toBe(1);
		},
	);

	it('a file that an item keeps in its JSON is the same after n8n has renamed it', async () => {
		const file = (execution: string) => ({
			fileName: 'frame.png',
			mimeType: 'image/png',
			id: `filesystem-v2:workflows/1/executions/${execution}/binary_data/2`,
		});
		const failed = await world.engine.run(kling(), [{ json: { _files: { data: file('temp') } } }]);
		const saved = JSON.stringify(failed).replaceAll('/temp/', '/4711/');
		expect(saved).toContain('/4711/');
		await world.engine.retry(kling(), JSON.parse(saved) as IRun);
		expect(world.emulator.paidPosts).toBe(1);
	});

	describe('a later version of the package with more fields', () => {
		const more: INodeProperties = {
			displayName: 'Camera',
			name: 'camera',
			type: 'string',
			default: 'still',
		};

		itOfModels.each(['klingVideo', 'runComfy'] as const)(
			'%s collects its request',
			async (type) => {
				const input = '{ "prompt": "[slow] one" }';
				const byId = located('kling/kling-3.0/pro/text-to-video', 'id');
				const json =
					type === 'klingVideo'
						? kling({ multiPrompt: { segment: [{ prompt: 'a scene' }] } })
						: modelWorkflow({
								...WAITING,
								model: byId,
								specifyInputs: 'json',
								inputsJson: input,
							});
				const failed = await world.engine.run(json, ideas('a row'));
				const { properties } = world.engine.nodeType(`n8n-nodes-runcomfy.${type}`).description;
				const places = [properties, ...properties.flatMap(({ options = [] }) => valuesOf(options))];
				for (const place of places) place.unshift(more);
				try {
					await world.engine.retry(json, failed);
					expect(world.emulator.paidPosts).toBe(1);
				} finally {
					for (const place of places) place.splice(place.indexOf(more), 1);
				}
			},
		);

		/** The fields of a fixed collection. */
		function valuesOf(options: NonNullable<INodeProperties['options']>): INodeProperties[][] {
			return options.flatMap((option) => ('values' in option ? [option.values] : []));
		}
	});

	it.each<[string, INodeParameters, INodeParameters]>([
		...(isDeployment ? SAME_OF_DEPLOYMENTS : SAME),
		['the options', { options: { maximumWaitMinutes: 1, fileName: 'one' } }, { options: {} }],
	])('%s is the same request', async (_, before, after) => {
		const run = await retried(kling(before), kling({ options: {}, ...after }));
		expect(run.status).toBe('success');
		expect(world.emulator.paidPosts).toBe(1);
	});

	itOfModels('the name of the model, the form and the order of its values are of n8n', async () => {
		const model = located('kling/kling-3.0/pro/text-to-video');
		const inputs = (value: object, schema: string[]) =>
			({ mappingMode: 'defineBelow', value, schema, matchingColumns: schema }) as never;
		const given = { ...WAITING, model, prompt: '[slow] one' };
		const shown = modelWorkflow({
			...given,
			inputs: inputs({ duration: 7, aspect_ratio: '1:1', negative_prompt: null }, []),
		});
		const refreshed = modelWorkflow({
			model: { ...(model as object), cachedResultName: 'Kling' } as never,
			prompt: '[slow] one',
			inputs: inputs({ aspect_ratio: '1:1', duration: 7 }, ['duration']),
		});
		const run = await retried(shown, refreshed);
		expect(run.status).toBe('success');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('name, place, notes and color of the node do not count', async () => {
		const moved = kling({ options: {} });
		Object.assign(nodeOf(moved, 'Kling Video'), { position: [9, 9], notes: 'for Monday' });
		await retried(kling(), moved);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it.each(isDeployment ? EDITS_OF_DEPLOYMENTS : EDITS)(
		'an edit of %s is a new request',
		async (_, before, after) => {
			await retried(kling(before), kling({ options: {}, ...after }));
			expect(world.emulator.paidPosts).toBe(2);
		},
	);

	it('an image with the same name and other contents is a new request', async () => {
		const json = kling(WITH_IMAGE);
		const upload = await world.engine.upload(FRAME, 'frame.png');
		const failed = await world.engine.run(json, [{ json: {}, binary: { data: upload } }]);
		const other = await world.engine.upload(Buffer.concat([FRAME, FRAME]), 'frame.png');
		const saved = JSON.stringify(failed).replaceAll(String(upload.id), String(other.id));
		await world.engine.retry(json, JSON.parse(saved) as IRun);
		expect(world.emulator.paidPosts).toBe(2);
	});
});

function segments(more: INodeParameters): INodeParameters {
	return { multiPrompt: { segment: [{ prompt: 'a scene', ...more }] } };
}
