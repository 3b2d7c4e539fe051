import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { Page } from 'playwright-core';
import type { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { located, modelWorkflow } from '../engine/modelWorkflow';
import { longCatalog } from '../fixtures/catalog';
import { chooseCredential, nodeOf } from '../fixtures/workflows';
import { startHost, type Host } from '../host/host';
import type { N8n } from '../host/N8n';
import { until } from '../host/processes';
import { describeInBrowser, openEditor, type Editor } from './openEditor';

const FLUX = 'blackforestlabs/flux-2/flash/text-to-image';
const LTX = 'lightricks/ltx-2.5/image-to-video/fast';
/** How long to watch the editor for a change that must not come. */
const SETTLED_MS = 2_000;

let emulator: RunComfyEmulator;
let host: Host;
let n8n: N8n;
let editor: Editor;
let page: Page;
let wrongToken: { id: string; name: string };

describeInBrowser('the form of a model in the editor', () => {
	beforeAll(async () => {
		host = await startHost({ scenario: 'instant', catalog: longCatalog(400) });
		({ n8n, emulator } = host);
		editor = await openEditor(n8n);
		({ page } = editor);
	}, 900_000);

	afterAll(async () => {
		await editor?.close();
		await host?.stop();
	}, 60_000);

	afterEach(() => {
		emulator.chooseFault = undefined;
		emulator.catalog = longCatalog(400);
		emulator.requests.clear();
		emulator.calls.length = 0;
	});

	const part: Editor['part'] = (id) => editor.part(id);
	const field: Editor['field'] = (name) => editor.field(name);
	const shot: Editor['shot'] = async (name) => await editor.shot(`model-${name}`);
	const form = () => part('resource-mapper-container');
	const input = (name: string) => form().locator(`[data-test-id="parameter-input-${name}"]`);
	const textOf = (name: string) => input(name).locator('input');
	const model = () => part('resource-locator-model').locator('input').last();
	const rows = () => part('rlc-item');
	const sent = () => [...emulator.requests.values()].map((request) => request.input);

	function catalogIsDown(): void {
		emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'model' || endpoint === 'models' ? 'json503' : undefined;
	}

	/** Opens the node with these parameters, in a workflow of its own. */
	async function open(parameters: IDataObject, credential = host.credential): Promise<void> {
		const json = chooseCredential(modelWorkflow(parameters as INodeParameters), credential);
		for (const [index, node] of json.nodes.entries()) node.position = [300 * index, 0];
		const { id } = await n8n.createWorkflow(json);
		await page.goto(`${n8n.url}/workflow/${id}/${nodeOf(json, 'RunComfy').id}`);
		await readsPrice(/^(?!Loading)./);
	}

	/** Waits until the panel shows a price like this. */
	async function readsPrice(text: string | RegExp): Promise<void> {
		const shown = field('price').locator('input').first();
		const isShown = async () => new RegExp(text).test(await shown.inputValue()) || undefined;
		await until(isShown, 30_000, `the price ${String(text)}`);
	}

	/** Closes the node and opens it again. */
	async function reopen(): Promise<void> {
		await part('ndv-close-button').first().click();
		await part('canvas-node').filter({ hasText: 'RunComfy' }).first().dblclick();
		await field('model').waitFor();
	}

	async function search(words: string): Promise<void> {
		await model().click();
		await rows().first().waitFor();
		await page.keyboard.type(words);
	}

	async function choose(words: string, row: string): Promise<void> {
		await search(words);
		await rows().filter({ hasText: row }).first().click();
	}

	async function chooseMode(name: string): Promise<void> {
		await part('rlc-mode-selector').click();
		await page.getByRole('option', { name }).click();
	}

	async function add(label: string): Promise<void> {
		await page.getByText('Add input to send').click();
		await page.getByRole('menuitem', { name: label }).click();
	}

	async function pick(name: string, option: string): Promise<void> {
		await input(name).click();
		await page.getByRole('option', { name: option }).click();
	}

	async function execute(): Promise<void> {
		await part('node-execute-button').click();
	}

	/** Runs the node, and returns the inputs that were billed. */
	async function executed(): Promise<unknown[]> {
		await execute();
		await until(() => emulator.count('media') > 0 || undefined, 20_000, 'the download');
		return sent();
	}

	const reads = async (text: string | RegExp) => await page.getByText(text).first().waitFor();

	it('is found by the name of a model, and says to choose one', async () => {
		await page.goto(`${n8n.url}/workflow/new`);
		await part('node-creator-plus-button').click();
		await page.getByText('Trigger manually').first().click();
		await part('canvas-handle-plus').first().click();
		for (const words of [
			'seedance',
			'upscale',
			'text to image',
			'text to speech',
			'text-to-speech',
			'tts',
			'image-to-video',
			'comfyui',
			'avatar',
			'lipsync',
			'animate',
			'flux',
		]) {
			await page.keyboard.press('Control+A');
			await page.keyboard.type(words);
			await page.getByText('RunComfy', { exact: true }).first().waitFor();
		}
		await shot('1-search');
		await page.getByText('RunComfy', { exact: true }).first().click();
		await page.getByText('Generate media and wait').first().click();
		await reads('Choose a model to see its inputs');
		await readsPrice('Choose a model to see its price');
		await shot('2-empty');
	});

	it('lets a person search 400 models, with more at the end of the list', async () => {
		await model().click();
		await rows().nth(99).waitFor();
		await shot('3-list');
		const before = await rows().count();
		await rows()
			.nth(before - 1)
			.scrollIntoViewIfNeeded();
		await rows().nth(before).waitFor({ state: 'attached' });
		await page.keyboard.type('text-to-image flux flash');
		await page.getByText('FLUX 2 Flash T2I · text to image').first().waitFor();
		await rows().nth(1).waitFor({ state: 'detached' });
		expect(await rows().allInnerTexts()).toEqual(['FLUX 2 Flash T2I · text to image']);
		await shot('4-found');
		await rows().first().click();
	});

	it('shows nothing that is optional until it is added, and sends nothing else', async () => {
		await reads('Currently no items exist');
		await field('prompt').locator('textarea').fill('A paper boat');
		await execute();
		await part('output-panel').getByText('Binary', { exact: true }).first().click();
		await reads('image/png');
		await shot('5-picture');
		await page.getByRole('button', { name: 'View' }).first().click();
		await page.locator('img[src*="binary-data"]').first().waitFor();
		await shot('6-view');
		expect(sent()).toEqual([{ prompt: 'A paper boat' }]);
	});

	it('adds what a person chooses, with the default of the API in it but no sample', async () => {
		await open({ model: located(FLUX), prompt: 'A kite' });
		for (const label of ['Guidance Scale', 'Image Size', 'Seed']) await add(label);
		expect(await textOf('guidance_scale').inputValue()).toBe('2.5');
		expect(await textOf('image_size').inputValue()).toBe('landscape_4_3 (default)');
		await textOf('guidance_scale').fill('3.5');
		await textOf('seed').fill('7');
		await pick('image_size', 'square_hd');
		await shot('7-added');
		expect(await executed()).toEqual([
			{ prompt: 'A kite', guidance_scale: 3.5, image_size: 'square_hd', seed: 7 },
		]);
	});

	it('takes text, number, choice and switch', async () => {
		await open({ model: located(LTX), prompt: 'A ferry' });
		await textOf('image_url').fill('https://example.com/ferry.jpg');
		for (const label of ['FPS', 'Camera Motion', 'Generate Audio']) await add(label);
		await pick('fps', '48');
		await pick('camera_motion', 'dolly_in');
		await input('generate_audio').locator('.el-switch').click();
		await shot('8-kinds');
		expect(await executed()).toEqual([
			{
				prompt: 'A ferry',
				image_url: 'https://example.com/ferry.jpg',
				fps: 48,
				camera_motion: 'dolly_in',
				generate_audio: false,
			},
		]);
	});

	it('follows the model, keeps the prompt, and shows the price', async () => {
		await choose('kling 3.0 pro image', 'Kling 3.0 pro · image to video');
		await reads('Start Image: URL or Binary Field');
		await input('fps').waitFor({ state: 'detached' });
		expect(await field('prompt').locator('textarea').inputValue()).toBe('A ferry');
		await readsPrice(/^From \$0\.112 per second\. 0\.168 with audio\.$/);
		await shot('9-other-model');
	});

	it('says when a model takes no prompt, and pays nothing', async () => {
		await choose('seedvr2', 'SEEDVR2');
		await reads('33 Video: URL or Binary Field');
		await textOf('33_video').fill('https://example.com/a.mp4');
		const paid = emulator.paidPosts;
		await execute();
		await reads('Prompt must be empty: this model takes none');
		await shot('10-no-prompt');
		expect(emulator.paidPosts).toBe(paid);
		await field('prompt').locator('textarea').fill('');
		expect(await executed()).toEqual([{ '33_video': 'https://example.com/a.mp4' }]);
	});

	it('comes for a model by its ID, and by the URL of its page', async () => {
		await chooseMode('By ID');
		await model().fill('bytedance/seed-audio-1.0/text-to-audio');
		await page.keyboard.press('Tab');
		await input('33_video').waitFor({ state: 'detached' });
		await add('Voice');
		await shot('11-by-id');
		await chooseMode('By URL');
		await model().fill('https://www.runcomfy.com/models/blackforestlabs/flux-3/video');
		await page.keyboard.press('Tab');
		await input('voice').waitFor({ state: 'detached' });
		await add('Resolution');
		await shot('12-by-url');
		await field('prompt').locator('textarea').fill('A train');
		await executed();
		const [request] = emulator.requests.values();
		expect(request.model).toBe('blackforestlabs/flux-3/text-to-video');
	});

	it('makes way for JSON where a person chooses it', async () => {
		await open({ model: located(FLUX) });
		await field('specifyInputs').click();
		await page.getByRole('option', { name: 'Using JSON' }).click();
		await field('inputsJson').waitFor();
		expect(await field('prompt').count()).toBe(0);
		await shot('13-json');
	});

	it('gives way to JSON for a model by expression, whose text n8n (2.41.1) shows to conditions, for RunComfy/inputFields.ts', async () => {
		const given = '{ "prompt": "By expression" }';
		await open({ model: located(`={{ '${FLUX}' }}`, 'id'), inputsJson: given });
		await field('inputsJson').waitFor();
		for (const name of ['prompt', 'specifyInputs']) expect(await field(name).count()).toBe(0);
		expect(await form().count()).toBe(0);
		await shot('14-expression');
		expect(await executed()).toEqual([{ prompt: 'By expression' }]);
	});

	it('says in the list and in its own place that the token is wrong', async () => {
		wrongToken = await n8n.createCredential('runComfyApi', 'Wrong token', {
			apiToken: 'a-token-that-is-wrong',
			baseUrl: emulator.url,
		});
		await open({ model: located(FLUX) }, wrongToken);
		await reads('RunComfy rejected the API token. Correct the RunComfy API credential');
		await readsPrice(/^Not available right now$/);
		await model().click();
		await reads('Could not load list');
		await shot('15-wrong-token');
		expect(await page.getByText('rejected the API token').count()).toBe(2);
	});

	it('says in its place that the catalog is down', async () => {
		catalogIsDown();
		await open({ model: located(FLUX) });
		await reads("RunComfy's model catalog could not be read. Open the node again to retry");
		await shot('16-down-form');
	}, 60_000);

	it('keeps what is filled in while the catalog is down', async () => {
		await open({ model: located(LTX), prompt: 'A ferry' });
		await textOf('image_url').fill('https://example.com/ferry.jpg');
		await add('FPS');
		await pick('fps', '48');
		catalogIsDown();
		const asked = emulator.count('model');
		await reopen();
		await page.waitForResponse(/resource-mapper-fields/);
		expect(emulator.count('model')).toBeGreaterThan(asked);
		await page.waitForTimeout(SETTLED_MS);
		expect(await textOf('image_url').inputValue()).toBe('https://example.com/ferry.jpg');
		expect(await textOf('fps').inputValue()).toBe('48');
		await model().click();
		await reads('Could not load list');
		await reads('Try again in a minute, or choose the model By ID');
		await shot('17-down-list');
	}, 90_000);

	it('is blank for n8n (2.41.1) when its method rejects, for RunComfy/editor/getInputs.ts', async () => {
		const json = { message: 'The method rejects' };
		await page.route(
			/resource-mapper-fields/,
			async (route) => await route.fulfill({ status: 500, json }),
		);
		await open({ model: located(FLUX) });
		await page.waitForTimeout(SETTLED_MS);
		expect((await form().innerText()).trim()).toBe('');
		expect(await page.getByText('The method rejects').count()).toBe(0);
		await page.unroute(/resource-mapper-fields/);
	});

	it('loses its values in n8n (2.41.1) when its method gives no fields, for RunComfy/editor/getInputs.ts', async () => {
		await open({ model: located(LTX) });
		await textOf('image_url').fill('https://example.com/ferry.jpg');
		const json = { data: { fields: [] } };
		await page.route(/resource-mapper-fields/, async (route) => await route.fulfill({ json }));
		await reopen();
		await input('image_url').waitFor({ state: 'detached' });
		await page.unroute(/resource-mapper-fields/);
		await reopen();
		expect(await textOf('image_url').inputValue()).toBe('');
	});

	it('stays that of the old model while an expression has no data (n8n 2.41.1), and a run with it is refused, for RunComfy/editor/getInputs.ts', async () => {
		await open({ model: located(LTX), prompt: '={{ $json.nothing }}' });
		await textOf('image_url').fill('https://example.com/ferry.jpg');
		await choose('flux 2 flash', 'FLUX 2 Flash');
		await page.waitForTimeout(SETTLED_MS);
		await input('image_url').waitFor();
		await shot('18-old-form');
		const paid = emulator.paidPosts;
		await execute();
		await reads('image_url is not an input of this model');
		await reads('choose Refresh Input List in its ⋮ menu');
		await shot('19-refused');
		expect(emulator.paidPosts).toBe(paid);
		await reopen();
		await input('image_url').waitFor({ state: 'detached' });
		await reads('Currently no items exist');
	});

	it('does not come for a model chosen while an expression has no data (n8n 2.41.1), says so, and comes when the node is opened again, for RunComfy/editor/getInputs.ts', async () => {
		await open({ prompt: '={{ $json.nothing }}' });
		await choose('ltx 2.5 i2v', 'LTX 2.5 I2V Fast');
		await page.waitForTimeout(SETTLED_MS);
		await reads('If you have chosen one, open the node again');
		await shot('20-no-form');
		await reopen();
		await input('image_url').waitFor();
	});

	it('has of each field what n8n (2.41.1) shows: a label, a control, choices, a preset, for RunComfy/editor/formFields.ts', async () => {
		const shown = { displayName: 'Shown', required: false, removed: false, display: true };
		const more = {
			readOnly: false,
			defaultMatch: false,
			canBeUsedToMatch: false,
			description: 'A description',
			hint: 'A hint',
			placeholder: 'A placeholder',
		};
		const schema = [{ id: 'text', type: 'string', ...shown, ...more }];
		const inputs = { mappingMode: 'defineBelow', value: {}, matchingColumns: [], schema };
		catalogIsDown();
		await open({ model: located(LTX), inputs });
		await reads('Shown');
		for (const words of ['A description', 'A hint']) {
			expect(await form().getByText(words).count()).toBe(0);
		}
		expect(await textOf('text').getAttribute('placeholder')).not.toBe('A placeholder');
	}, 60_000);

	it('would have every switch that is seen sent as off (n8n 2.41.1), for RunComfy/editor/formFields.ts', async () => {
		emulator.model(FLUX).input_schema = {
			type: 'object',
			properties: {
				prompt: { type: 'string' },
				plain: { type: 'boolean' },
				on: { type: 'boolean', default: true },
				seed: { type: 'integer' },
			},
		};
		await open({ model: located(FLUX), prompt: 'A kite' });
		await add('Plain');
		await add('On');
		expect(await executed()).toEqual([{ prompt: 'A kite', plain: false, on: true }]);
	});

	it('has a price beside it, by the only control of n8n (2.41.1) that shows text from outside, which sends nothing, for editor/price.ts', async () => {
		await open({ model: located('kling/kling-3.0/pro/text-to-video'), prompt: 'A kite' });
		await readsPrice(/^From \$0\.112 per second\. 0\.168 with audio\.$/);
		await shot('21-price');
		expect(await executed()).toEqual([{ prompt: 'A kite' }]);
	});

	it('gives the tool of an agent arguments that n8n (2.41.1) makes of labels, for inputs/modelInputs.ts', async () => {
		const json = chooseCredential(modelWorkflow({ model: located(LTX) }), host.credential);
		const tool = nodeOf(json, 'RunComfy');
		tool.type = 'n8n-nodes-runcomfy.runComfyTool';
		json.nodes.push({
			...nodeOf(json, 'Rows'),
			id: 'agent',
			name: 'Agent',
			type: '@n8n/n8n-nodes-langchain.agent',
			typeVersion: 3,
		});
		json.connections = { RunComfy: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] } };
		const { id } = await n8n.createWorkflow(json);
		await page.goto(`${n8n.url}/workflow/${id}/${tool.id}`);
		await input('image_url').hover();
		await form().locator('[data-test-id="from-ai-override-button"]').first().click();
		await shot('23-tool');
		const saved = await until(
			async () => {
				const { parameters } = nodeOf(await n8n.workflow(id), 'RunComfy');
				const inputs = parameters.inputs as { value: IDataObject | null } | undefined;
				const value = inputs?.value;
				return typeof value?.image_url === 'string' ? value.image_url : undefined;
			},
			20_000,
			'the editor to save',
		);
		expect(saved).toContain("$fromAI('Image__URL_or_Binary_Field'");
	});

	it('has a list whose next page n8n (2.41.1) asks for by text, for RunComfy/editor/searchModels.ts', async () => {
		await open({});
		const asked = page.waitForRequest(
			(request) =>
				request.url().includes('resource-locator-results') &&
				(request.postDataJSON() as IDataObject).paginationToken !== undefined,
		);
		await model().click();
		await rows().nth(99).waitFor();
		await rows().nth(99).scrollIntoViewIfNeeded();
		expect((await asked).postDataJSON()).toMatchObject({ paginationToken: '100' });
	});
});
