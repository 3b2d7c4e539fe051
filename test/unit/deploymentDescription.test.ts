import { resolve } from 'node:path';
import type { INodeProperties, INodePropertyOptions, INodeType } from 'n8n-workflow';
import codex from '../../nodes/RunComfyDeployment/RunComfyDeployment.node.json';

// The built nodes, as n8n loads them.
const built = (name: string) => {
	const exported = jest.requireActual<Record<string, new () => INodeType>>(
		resolve(__dirname, `../../dist/nodes/${name}/${name}.node.js`),
	);
	return new exported[name]().description;
};
const description = built('RunComfyDeployment');
const field = (name: string, of = description) => of.properties.filter((one) => one.name === name);
const optionsOf = (of = description) => {
	const [collection] = field('options', of);
	return collection.options as INodeProperties[];
};

describe('the description of RunComfy Deployment', () => {
	it('keeps the names and values that saved workflows contain', () => {
		const names = description.properties.map(({ name, options = [], type }) => [
			name,
			...(type === 'options' ? options.map((one) => (one as INodePropertyOptions).value) : []),
		]);
		expect(names.map((parts) => parts.join(' '))).toEqual([
			'resource workflow request',
			'operation generate submit',
			'operation cancel getResult getStatus',
			'deploymentId',
			'requestId',
			'waitForCompletion',
			'deployment',
			'inputs',
			'seed new keep',
			'specifyInputs fields json',
			'inputsJson',
			'inputsJson',
			'downloadMedia',
			'options',
			'options',
		]);
	});

	it('offers to run the workflow first', () => {
		const [generate] = field('operation')[0].options as INodePropertyOptions[];
		expect(generate).toMatchObject({ value: 'generate', action: 'Run workflow and wait' });
		expect(field('operation')[0].default).toBe('generate');
	});

	it('has the options of the other nodes, and waits an hour, which it explains', () => {
		const names = (of: typeof description) => optionsOf(of).map(({ name }) => name);
		expect(names(description)).toEqual(names(built('RunComfy')));
		const waits = optionsOf().filter(({ name }) => name === 'maximumWaitMinutes');
		expect(waits.map(({ default: usual }) => usual)).toEqual([60, 60]);
		expect(waits[0].description).toContain('3 to 7 minutes');
		expect(
			optionsOf(built('RunComfy')).find(({ name }) => name === 'maximumWaitMinutes')?.default,
		).toBe(30);
	});

	it('says that a running request is cancelled too', () => {
		const cancels = optionsOf().filter(({ name }) => name === 'cancelOnStop');
		expect(cancels.map(({ default: usual }) => usual)).toEqual([true, false]);
		for (const { description: words } of cancels)
			expect(words).toContain('A running one is cancelled too');
		const choices = field('operation').flatMap(({ options = [] }) => options);
		const words = (choices as INodePropertyOptions[]).find(({ value }) => value === 'cancel');
		expect(words?.description).toBe('Cancel a request that is queued or running');
	});

	it('is found by what people search for', () => {
		expect(codex.alias).toEqual(
			expect.arrayContaining(['comfyui', 'workflow', 'serverless', 'stable diffusion']),
		);
		// n8n 2.41.1 hides nodes of this category from the search unless they are parts of an AI agent.
		expect(codex.categories).not.toContain('AI');
	});
});
