import type { IDataObject, INodeParameters, NodeOperationError } from 'n8n-workflow';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, type World } from './world';

const FLUX = 'blackforestlabs/flux-2/flash/text-to-image';
const UPSCALE = 'community/seedvr2/upscale/video';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());
beforeEach(() => {
	world.emulator.requests.clear();
	world.emulator.chooseFault = () => undefined;
});

const sent = () => [...world.emulator.requests.values()].map(({ input }) => input);
const run = async (parameters: IDataObject) =>
	await world.engine.run(modelWorkflow(parameters as INodeParameters));
const inputs = (value: IDataObject) => ({ mappingMode: 'defineBelow', value, schema: [] });

describe('the inputs of a model', () => {
	it.each([
		['an expression', `={{ '${FLUX}' }}`, {}],
		['an expression, after the form was left for JSON', `=${FLUX}`, { specifyInputs: 'json' }],
		['an expression, after the form was filled in', `=${FLUX}`, { prompt: 'By form' }],
	])('come from JSON when the model is %s', async (_, model, more) => {
		const inputsJson = '{ "prompt": "By JSON" }';
		const { data } = await run({ model: located(model, 'id'), inputsJson, ...more });
		expect(data.resultData.error).toBeUndefined();
		expect(sent()).toEqual([{ prompt: 'By JSON' }]);
	});

	it('have no prompt that the model does not take, and say so with the labels of the form', async () => {
		const model = located(UPSCALE);
		const video = inputs({ '33_video': 'https://example.com/a.mp4' });
		const refused = await run({ model, prompt: 'Sharper', inputs: video });
		expect(refused.data.resultData.error?.message).toBe(
			'Prompt must be empty: this model takes none',
		);
		expect(sent()).toEqual([]);
		await run({ model, inputs: video });
		expect(sent()).toEqual([{ '33_video': 'https://example.com/a.mp4' }]);
	});

	it('that are of another model are refused with the way to the right form', async () => {
		const { data } = await run({
			model: located(FLUX),
			prompt: 'A boat',
			inputs: inputs({ image_url: 'https://example.com/a.png' }),
		});
		expect(data.resultData.error?.message).toMatch(
			/^image_url is not an input of this model\. .*choose Refresh Input List in its ⋮ menu$/,
		);
		expect(sent()).toEqual([]);
	});

	it('are not sent from the form while the catalog is down, and unchecked from JSON alone', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'model' || endpoint === 'models' ? 'json503' : undefined;
		const byForm = await run({ model: located(FLUX), prompt: 'A boat' });
		const error = byForm.data.resultData.error as NodeOperationError;
		expect(error.message).toBe("RunComfy's model catalog could not be read");
		expect(error.description).toContain('Specify Inputs → Using JSON, and turn');
		const byJson = { specifyInputs: 'json', inputsJson: '{ "prompt": "Unchecked" }' };
		await run({ model: located(FLUX), ...byJson });
		expect(sent()).toEqual([]);
		await run({ model: located(FLUX), ...byJson, checkInputs: false });
		expect(sent()).toEqual([{ prompt: 'Unchecked' }]);
	});
});
