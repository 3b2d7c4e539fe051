import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { itemsOf, nodeOf, type WorkflowJson } from '../fixtures/workflows';
import { klingWorkflow } from './klingWorkflow';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, type World } from './world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());

const kling = (parameters: IDataObject) => klingWorkflow(parameters as INodeParameters);
const anyModel = (parameters: IDataObject) => modelWorkflow(parameters as INodeParameters);
const FLUX = { model: located('blackforestlabs/flux-2/flash/text-to-image'), prompt: 'A boat' };

type Make = (parameters: IDataObject) => WorkflowJson;

describe.each<[string, Make, IDataObject, string, Make, string]>([
	['RunComfy', anyModel, FLUX, 'Kling Video', kling, 'image/png'],
	['Kling Video', kling, { prompt: 'A boat' }, 'RunComfy', anyModel, 'video/mp4'],
])('a request of %s', (maker, make, input, finder, find, mimeType) => {
	it(`is found by ${finder}: its status, its file, and its cancel`, async () => {
		const submitted = await world.engine.run(make({ ...input, operation: 'submit' }));
		const [{ json }] = itemsOf(submitted, maker);
		const request = { request_id: json.request_id };
		expect([...world.emulator.requests.keys()]).toContain(json.request_id);
		const paid = world.emulator.paidPosts;

		const run = async (parameters: IDataObject) => {
			const workflow = find({ ...parameters, requestId: json.request_id as string });
			const [item] = itemsOf(await world.engine.run(workflow), nodeOf(workflow, finder).name);
			return item;
		};
		const status = await run({ operation: 'getStatus' });
		expect(status.json).toMatchObject(request);
		const result = await run({ operation: 'getResult', waitForCompletion: true });
		expect(result.json).toMatchObject(request);
		expect(result.binary?.data.mimeType).toBe(mimeType);
		const canceled = await run({ operation: 'cancel' });
		expect(canceled.json).toMatchObject(request);
		expect(world.emulator.paidPosts).toBe(paid);
		expect(world.emulator.count('models') + world.emulator.count('model')).toBeLessThanOrEqual(1);
	});
});
