import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { formFields } from '../../nodes/RunComfy/editor/formFields';
import { readModelInputs } from '../../nodes/shared/inputs/modelInputs';
import { inputFaults } from '../emulator/inputFaults';
import { catalogEntries, type CatalogEntry } from '../fixtures/catalog';
import { fullInput, smallestInput, wrongInputs, type Input } from '../fixtures/catalogInputs';
import { oddModels } from '../fixtures/oddModels';
import { itemsOf } from '../fixtures/workflows';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, type World } from './world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());
beforeEach(() => world.emulator.requests.clear());

/** The parameters of the node when the form was filled in with an input. */
function filledIn(entry: CatalogEntry, { prompt = '', ...input }: Input): INodeParameters {
	const schema = formFields(readModelInputs(entry.input_schema).fields);
	const value = Object.fromEntries(
		Object.entries(input).map(([name, part]) => [
			name,
			typeof part === 'object' ? JSON.stringify(part) : part,
		]),
	);
	return {
		operation: 'submit',
		model: located(entry.model_id),
		prompt,
		inputs: { mappingMode: 'defineBelow', value, matchingColumns: [], schema },
	} as unknown as INodeParameters;
}

/** The parameters that take the input from the item. */
function fromItem({ model_id: id }: CatalogEntry): INodeParameters {
	return {
		operation: 'submit',
		model: located(id),
		specifyInputs: 'json',
		inputsJson: '={{ $json.input }}',
	};
}

/** The smallest input that is sent: one in which nothing is given is refused. */
function smallestSent(entry: CatalogEntry): Input {
	const smallest = smallestInput(entry);
	const [first = ['prompt', 'a boat']] = Object.entries(fullInput(entry));
	return Object.keys(smallest).length > 0 ? smallest : { [first[0]]: first[1] };
}

const items = (...inputs: Input[]) =>
	inputs.map((input) => ({ json: { input } }) as unknown as INodeExecutionData);
const sent = () => [...world.emulator.requests.values()].map(({ input }) => input);

const models = [
	...catalogEntries().map((entry) => ({ name: entry.model_id, entry })),
	...oddModels().map(({ oddity, entry }) => ({ name: `a model with ${oddity}`, entry })),
];

describe.each(models)('$name', ({ entry }) => {
	beforeAll(() => void (world.emulator.catalog = [entry]));

	it.each([
		['what is required', smallestSent(entry)],
		['every input', { ...smallestSent(entry), ...fullInput(entry) }],
	])('takes %s from the form, and as JSON', async (_, input) => {
		const byForm = await world.engine.run(modelWorkflow(filledIn(entry, input)));
		const byJson = await world.engine.run(modelWorkflow(fromItem(entry)), items(input));
		expect([byForm, byJson].flatMap(({ data }) => data.resultData.error ?? [])).toEqual([]);
		expect(sent()).toEqual([input, input]);
		expect(inputFaults(entry.input_schema, input)).toEqual([]);
	});

	it('refuses what its schema refuses before anything is sent, or says what it does not check', async () => {
		world.engine.log.length = 0;
		const wrong = wrongInputs(entry);
		if (wrong.length === 0) return expect(readModelInputs(entry.input_schema).fields).toEqual([]);
		const run = await world.engine.run(
			modelWorkflow(fromItem(entry), { onError: 'continueRegularOutput' }),
			items(...wrong.map(({ input }) => input)),
		);
		const told = itemsOf(run, 'RunComfy').map(({ json }) => String(json.error));
		const unchecked = world.engine.log.filter((line) =>
			/^debug: .*sent without a check/.test(line),
		);
		for (const [index, { field, rule }] of wrong.entries()) {
			const byRunComfy = told[index].startsWith('RunComfy rejected the input');
			if (!byRunComfy && told[index].includes(field)) continue;
			expect([told[index], byRunComfy]).toEqual([told[index], true]);
			const reason = rule === 'additionalProperties' ? 'names no input' : `${field}: `;
			expect([reason, ...unchecked]).toEqual([reason, expect.stringContaining(reason)]);
		}
		expect(sent()).toEqual([]);
	});
});
