import type { INodeParameters } from 'n8n-workflow';
import type { Page } from 'playwright-core';
import { deploymentWorkflow, fields } from '../engine/deploymentWorkflow';
import { located } from '../engine/modelWorkflow';
import { DEPLOYMENTS } from '../fixtures/deployments';
import { chooseCredential, nodeOf } from '../fixtures/workflows';
import { startHost, type Host } from '../host/host';
import { until } from '../host/processes';
import { describeInBrowser, openEditor, type Editor } from './openEditor';

/** How long to watch the editor for a change that must not come. */
const SETTLED_MS = 2_000;

let host: Host;
let editor: Editor;
let page: Page;

describeInBrowser('the form of a workflow in the editor', () => {
	beforeAll(async () => {
		host = await startHost({ scenario: 'instant' });
		editor = await openEditor(host.n8n);
		({ page } = editor);
	}, 900_000);

	afterAll(async () => {
		await editor?.close();
		await host?.stop();
	}, 60_000);

	const part: Editor['part'] = (id) => editor.part(id);
	const shot: Editor['shot'] = async (name) => await editor.shot(`deployment-${name}`);
	const form = () => part('resource-mapper-container');
	const deployment = () => part('resource-locator-deployment').locator('input').last();
	const runs = () => [...host.serverless.bodies.values()].map((text) => JSON.parse(text) as Run);

	interface Run {
		overrides: Record<string, { inputs: Record<string, unknown> }>;
	}

	/** Opens the node with these parameters, in a workflow of its own. */
	async function open(parameters: INodeParameters): Promise<void> {
		const json = chooseCredential(deploymentWorkflow(parameters), host.credential);
		for (const [index, node] of json.nodes.entries()) node.position = [300 * index, 0];
		const { id } = await host.n8n.createWorkflow(json);
		await page.goto(`${host.n8n.url}/workflow/${id}/${nodeOf(json, 'RunComfy Deployment').id}`);
		await part('resource-locator-deployment').waitFor();
	}

	it.each(['comfyui', 'serverless', 'stable diffusion'])('is found by %s', async (words) => {
		await page.goto(`${host.n8n.url}/workflow/new`);
		await part('node-creator-plus-button').click();
		await page.getByText('Trigger manually').first().click();
		await part('canvas-handle-plus').first().click();
		await page.keyboard.type(words);
		await page.getByText('RunComfy Deployment', { exact: true }).first().waitFor();
	});

	it('lets a person choose, fill in, run, and see the picture', async () => {
		await open({ deployment: located(''), ...fields(null as never) });
		await page.getByText('Choose a deployment to see its inputs').first().waitFor();
		await deployment().click();
		await part('rlc-item').filter({ hasText: 'Switched off · disabled' }).first().waitFor();
		await part('rlc-item').filter({ hasText: 'text-to-image · standby' }).first().click();
		await page.getByText('KSampler › steps (20; 1 to 10000)').first().waitFor();
		const prompt = form().locator('input').first();
		await prompt.fill('A paper boat');
		await shot('1-form');
		await part('node-execute-button').click();
		await until(() => host.serverless.count('media') > 0 || undefined, 20_000, 'the download');
		const [{ overrides }] = runs();
		expect(Object.keys(overrides)).toEqual(['3', '6']);
		expect(overrides[3].inputs).toEqual({ seed: expect.any(Number) });
		expect(overrides[6].inputs).toEqual({ text: 'A paper boat' });
		await page.getByText('image/png').first().waitFor();
		await shot('2-result');
	});

	it('keeps what an imported workflow has filled in, while no deployment is chosen', async () => {
		const shown = { type: 'string', required: false, removed: false, display: true };
		const inputs = {
			mappingMode: 'defineBelow',
			value: { '6/text': 'A kite' },
			schema: [{ id: '6/text', displayName: 'Prompt', ...shown }],
		};
		await open({ deployment: located(''), inputs });
		await page.getByText('Prompt', { exact: true }).first().waitFor();
		await page.waitForTimeout(SETTLED_MS);
		expect(await form().locator('input').first().inputValue()).toBe('A kite');
	});

	it('offers 235 inputs of 79 nodes, and sends nothing of what is only shown', async () => {
		host.serverless.bodies.clear();
		await open({ deployment: located(DEPLOYMENTS.large), ...fields(null as never), seed: 'keep' });
		await page.getByText('Add input to send').first().click();
		await page.getByRole('menuitem', { name: 'Adjust (40) › mode' }).click();
		await part('node-execute-button').click();
		await until(() => runs().length > 0 || undefined, 20_000, 'the run');
		expect(runs()).toEqual([{ overrides: {} }]);
	});
});
