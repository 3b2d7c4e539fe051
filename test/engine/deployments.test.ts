import type { INodeExecutionData, INodeParameters, IRun } from 'n8n-workflow';
import { ServerlessEmulator } from '../emulator/ServerlessEmulator';
import { DEPLOYMENTS } from '../fixtures/deployments';
import { itemsOf } from '../fixtures/workflows';
import { deploymentWorkflow, fields, json } from './deploymentWorkflow';
import { startDeployments } from './deploymentWorld';
import type { Engine } from './Engine';
import { ideas } from './klingWorkflow';
import { located } from './modelWorkflow';
import { errorOf } from './world';

let engine: Engine;
let emulator: ServerlessEmulator;
beforeEach(async () => ({ engine, emulator } = await startDeployments()));
afterEach(async () => {
	await emulator.stop();
	expect(emulator.unplayed).toEqual([]);
});

const run = async (
	parameters: INodeParameters = {},
	input: INodeExecutionData[] = ideas('a boat'),
): Promise<IRun> => await engine.run(deploymentWorkflow(parameters), input);
const outputOf = (finished: IRun) => itemsOf(finished, 'RunComfy Deployment');
const on = (name: keyof typeof DEPLOYMENTS) => ({ deployment: located(DEPLOYMENTS[name]) });
const bodies = () => [...emulator.bodies.values()];
const body = () => JSON.parse(bodies()[0]) as { overrides: Record<string, { inputs: object }> };

/** What the result of a finished request has in place of its outputs, made of the URL of its file. */
function answerWith(change: (url: string) => object): void {
	emulator.respond = ({ endpoint }, usual) => {
		const answer = usual();
		if (endpoint !== 'result') return answer;
		const { outputs, ...result } = JSON.parse(String(answer.body)) as {
			outputs?: Record<string, { images: Array<{ url: string }> }>;
		};
		if (outputs === undefined) return answer;
		return { ...answer, body: JSON.stringify({ ...result, ...change(outputs[9].images[0].url) }) };
	};
}

describe('a workflow runs, and gives its files', () => {
	it('with what was set and a new seed, and nothing else', async () => {
		const [item] = outputOf(await run({}));
		expect(item.binary?.data.mimeType).toBe('image/png');
		expect(item.json).toMatchObject({
			status: 'completed',
			deployment_id: DEPLOYMENTS.textToImage,
			node_id: '9',
			node_title: 'Save Image',
			channel: 'images',
			media_type: 'image',
		});
		const { overrides } = body();
		const seed = (overrides[3].inputs as { seed: number }).seed;
		expect(overrides).toEqual({
			3: { inputs: { seed: expect.any(Number) as number } },
			6: { inputs: { text: 'a boat' } },
		});
		expect(item.json.seeds).toEqual({ 3: { inputs: { seed } } });
	});
});

describe('what an item sets is what the workflow gets', () => {
	it('values in the types of the workflow, as a sheet gives them', async () => {
		const values = {
			'3/steps': ' 12 ',
			'3/cfg': '4.5',
			'3/sampler_name': 'ddim',
			'5/width': 640,
			'6/text': 2024,
		};
		await run({ ...fields(values), seed: 'keep' });
		expect(body().overrides).toEqual({
			3: { inputs: { steps: 12, cfg: 4.5, sampler_name: 'ddim' } },
			5: { inputs: { width: 640 } },
			6: { inputs: { text: '2024' } },
		});
	});

	it.each(['18446744073709551615', '9007199254740993', '7'])(
		'a seed of %s with all its digits, from the form and from JSON',
		async (seed) => {
			await run({ ...on('imageEdit'), ...fields({ '57:5/seed': seed }) });
			await run({ ...on('imageEdit'), ...json(`{"57:5": {"inputs": {"seed": ${seed}}}}`) });
			expect(bodies()).toEqual(Array(2).fill(`{"overrides":{"57:5":{"inputs":{"seed":${seed}}}}}`));
		},
	);

	it('nothing at all runs the workflow as it is saved', async () => {
		const [item] = outputOf(await run({ ...fields({}), seed: 'keep' }));
		expect(bodies()).toEqual(['{"overrides":{}}']);
		expect(item.json).not.toHaveProperty('seeds');
		expect(item.binary?.data.mimeType).toBe('image/png');
	});

	it('a new seed for each item, which the output tells', async () => {
		const items = outputOf(await run({}, ideas('one', 'two', 'three')));
		const seeds = items.map(({ json: { seeds } }) => JSON.stringify(seeds));
		expect(new Set(seeds).size).toBe(3);
		const sent = bodies().map((text) => (JSON.parse(text) as ReturnType<typeof body>).overrides[3]);
		expect(items.map(({ json: { seeds } }) => (seeds as { 3: object })[3])).toEqual(sent);
	});

	it('a new seed that a node of its own gives, and no other number that it gives', async () => {
		const again = async () => outputOf(await run({ ...on('wired'), ...fields({}) }));
		const items = [...(await again()), ...(await again())];
		expect(items.map(({ json: { node_title } }) => node_title)).toEqual([
			'Save Image',
			'Save Image',
		]);
		const [first, second] = bodies().map(
			(text) => (JSON.parse(text) as ReturnType<typeof body>).overrides,
		);
		expect(first).toEqual({
			1: { inputs: { value: expect.any(Number) as number } },
			9: { inputs: { 'model.seed': expect.any(Number) as number } },
			11: { inputs: { seed: expect.any(Number) as number } },
		});
		expect(second).not.toEqual(first);
	});

	it.each([
		['fields', (value: object) => fields({ '7/lora_1': JSON.stringify(value) })],
		['JSON', (value: object) => json({ 7: { inputs: { lora_1: value } } })],
	])('an object, as a stack of LoRAs has it: %s', async (_, given) => {
		const lora = { on: true, lora: 'other "x".safetensors', strength: 0.75 };
		await run({ ...on('wired'), ...given(lora), seed: 'keep' });
		expect(body().overrides).toEqual({ 7: { inputs: { lora_1: lora } } });
	});

	it('a number for a text, with all its digits', async () => {
		const seed = '18446744073709551615';
		await run({ ...on('wired'), ...json(`{"11": {"inputs": {"seed": ${seed}}}}`), seed: 'keep' });
		expect(body().overrides).toEqual({ 11: { inputs: { seed } } });
	});

	it('an empty text as JSON for a file, which takes the saved one away', async () => {
		await run({ ...on('wired'), ...json({ 10: { inputs: { image: '' } } }), seed: 'keep' });
		expect(body().overrides).toEqual({ 10: { inputs: { image: '' } } });
	});

	it('a seed of its own is not replaced, and is told', async () => {
		const [item] = outputOf(await run(fields({ '3/seed': 42 })));
		expect(item.json.seeds).toEqual({ 3: { inputs: { seed: 42 } } });
		expect(body().overrides).toEqual({ 3: { inputs: { seed: 42 } } });
	});

	it('a picture of the item, as a data URI', async () => {
		const still = ServerlessEmulator.file(undefined, 'png');
		const binary = { photo: { data: still.toString('base64'), mimeType: 'image/png' } };
		const [item] = outputOf(
			await run({ ...on('everyLoader'), ...fields({ '1/image': 'photo' }) }, [
				{ json: {}, binary },
			]),
		);
		expect(item.json.status).toBe('completed');
		const inputs = (body().overrides[1] as { inputs: { image: string } }).inputs;
		expect(inputs.image).toBe(`data:image/png;base64,${still.toString('base64')}`);
	});

	it('a file that is on the machine, by its name', async () => {
		await run({ ...on('everyLoader'), ...fields({ '1/image': 'saved.png', '7/image': 'b.png' }) });
		expect(body().overrides).toEqual({
			1: { inputs: { image: 'saved.png' } },
			7: { inputs: { image: 'b.png' } },
		});
	});

	it('a checkpoint that its list does not have', async () => {
		await run({ ...fields({ '4/ckpt_name': 'newest.safetensors' }), seed: 'keep' });
		expect(body().overrides).toEqual({ 4: { inputs: { ckpt_name: 'newest.safetensors' } } });
	});

	it('overrides as JSON, alone or under their name, with what stands beside them', async () => {
		const overrides = { 6: { inputs: { text: 'x' } }, 3: { inputs: { seed: 1 } } };
		await run(json(overrides));
		await run(json({ overrides, extra_data: { api_key_comfy_org: 'k' } }));
		expect(bodies().map((text) => JSON.parse(text) as unknown)).toEqual([
			{ overrides },
			{ overrides, extra_data: { api_key_comfy_org: 'k' } },
		]);
	});

	it('a whole workflow as JSON, with a new seed', async () => {
		const { payload } = emulator.deployment(DEPLOYMENTS.textToImage);
		await run(json({ workflow_api_json: payload.workflow_api_json }));
		await run({ ...json(payload.workflow_api_json), seed: 'keep' });
		const [changed, kept] = bodies().map(
			(text) =>
				JSON.parse(text) as { workflow_api_json: Record<string, { inputs: { seed?: number } }> },
		);
		expect(kept).toEqual({ workflow_api_json: payload.workflow_api_json });
		expect(changed.workflow_api_json[3].inputs.seed).not.toBe(156680208700286);
		changed.workflow_api_json[3].inputs.seed = 156680208700286;
		expect(changed).toEqual(kept);
	});

	it('an empty text as JSON, which takes the saved one away', async () => {
		await run({ ...json({ overrides: { 7: { inputs: { text: '' } } } }), seed: 'keep' });
		expect(body().overrides).toEqual({ 7: { inputs: { text: '' } } });
	});

	it('a list of values as JSON, bare or as ComfyUI wraps it', async () => {
		for (const tags of [['x'], { __value__: ['x'] }]) {
			await run({ ...on('imageEdit'), ...json({ '57:6': { inputs: { tags } } }), seed: 'keep' });
		}
		expect(bodies()).toEqual(
			Array(2).fill('{"overrides":{"57:6":{"inputs":{"tags":{"__value__":["x"]}}}}}'),
		);
	});

	it('a new seed in a whole workflow as JSON whose own has 64 bits', async () => {
		const seed = '18446744073709551615';
		const node = `{"class_type":"KSampler","inputs":{"seed":${seed}}}`;
		await run(json(`{"1":${node}}`));
		await run({ ...json(`{"1":${node}}`), seed: 'keep' });
		const [changed, kept] = bodies();
		expect(kept).toBe(`{"workflow_api_json":{"1":${node}}}`);
		expect(changed).toMatch(/"seed":\d{1,10}}/);
	});

	it.each(['generate', 'submit'])(
		'a seed of 64 bits is told as text, which can be given again: %s',
		async (operation) => {
			const seed = '18446744073709551615';
			const own = { ...on('imageEdit'), seed: 'keep', operation };
			const [{ json: told }] = outputOf(await run({ ...own, ...fields({ '57:5/seed': seed }) }));
			expect(told.seeds).toEqual({ '57:5': { inputs: { seed } } });
			await run({ ...own, ...json(told.seeds) });
			expect(bodies()[1]).toBe(bodies()[0]);
		},
	);

	it.each(['5', '18446744073709551615'])(
		'the inputs of a LoRA as they are: seed %s',
		async (seed) => {
			const inputs = `{"prompt":"a boat","seed":${seed}}`;
			const [item] = outputOf(await run({ ...on('lora'), ...json(inputs) }));
			expect(bodies()).toEqual([inputs]);
			expect(item.binary?.data.mimeType).toBe('image/png');
		},
	);
});

describe('what is wrong is refused before anything is paid', () => {
	it.each<[string, INodeParameters, string]>([
		[
			'a node that there is not',
			json({ 99: { inputs: { text: 'x' } } }),
			'Node 99, text is of a node that this workflow does not have',
		],
		[
			'an input that there is not',
			json({ 6: { inputs: { txt: 'x' } } }),
			'Node 6, txt is not an input of Positive Prompt: did you mean text?',
		],
		['an input that is linked', json({ 6: { inputs: { clip: 'x' } } }), 'another node gives it'],
		[
			'a text for a number',
			fields({ '3/steps': 'many' }),
			'KSampler › steps must be a whole number from 1 to 10000, but is the text "many"',
		],
		[
			'a number out of range',
			fields({ '3/cfg': 101 }),
			'KSampler › cfg must be a number from 0 to 100, but is 101',
		],
		[
			'a seed of 65 bits',
			fields({ '3/seed': '18446744073709551616' }),
			'KSampler › seed must be a whole number from 0 to 18446744073709551615',
		],
		[
			'a choice that there is not',
			fields({ '3/sampler_name': 'x' }),
			'KSampler › sampler_name must be one of euler',
		],
		['an expression without a value', fields({ '5/width': '={{ $json.none }}' }), 'has no value'],
		['inputs by name', json({ 6: { text: 'x' } }), 'must be { "inputs": { … } }'],
		[
			'what ComfyUI saves for its editor',
			json({ nodes: [], links: [], version: 0.4 }),
			'File → Export (API)',
		],
		['nothing for a text', json({ 7: { inputs: { text: null } } }), 'Prompt › text has no value'],
		[
			'a node beside overrides',
			json({ overrides: {}, 6: { inputs: { text: 'x' } } }),
			'Inputs (JSON) has node 6 beside overrides: put it into them',
		],
		['another resource than there is', { resource: 'media' }, 'choose Resource and Operation'],
		['two ways of input', json({ overrides: {}, workflow_api_json: {} }), 'give one of them'],
		[
			'a node as ComfyUI exports it, without the others',
			json({ 6: { class_type: 'CLIPTextEncode', inputs: { text: 'x', clip: ['4', 1] } } }),
			'Inputs (JSON) has 1 of the 7 nodes of this workflow',
		],
		[
			'a title for an ID',
			fields({ 'Negative Prompt/text': 'x' }),
			'is of a node that this workflow does not have: did you mean node 7?',
		],
		['a workflow without nodes', json({ workflow_api_json: {} }), 'has no node'],
		['fields of a LoRA', on('lora'), 'Using JSON'],
		[
			'the preset of JSON for a LoRA',
			{ ...on('lora'), ...json({ overrides: {} }) },
			'has no overrides: give the inputs on its API tab in RunComfy',
		],
		[
			'a deployment that is switched off',
			on('disabled'),
			'This deployment is disabled in RunComfy',
		],
		[
			'a deployment that there is not',
			{ deployment: located('nothing-there', 'id') },
			'RunComfy does not know this deployment',
		],
	])('%s', async (_, parameters, words) => {
		const { message, description } = errorOf(await run(parameters));
		expect(message).toContain(words);
		expect(description).toMatch(/Nothing was (?:sent|started)/);
		expect(emulator.count('submit')).toBe(0);
	});

	it('by the workflow as it is now, and not as the form has it', async () => {
		delete emulator.deployment(DEPLOYMENTS.textToImage).payload.workflow_api_json?.[6];
		expect(errorOf(await run()).message).toContain(
			'Node 6, text is of a node that this workflow does not have',
		);
		expect(emulator.count('submit')).toBe(0);
	});
});

describe('what a run has made is handed over', () => {
	it('one item a file, in the order of the graph, previews last, and its texts', async () => {
		const items = outputOf(await run({ ...on('imageEdit'), ...fields({}) }));
		expect(
			items.map(({ json: { node_title, type, index, count } }) => [node_title, type, index, count]),
		).toEqual([
			['Save Image', 'output', 0, 2],
			['Preview Image', 'temp', 1, 2],
		]);
		expect(items[0].json.texts).toEqual([
			{ node_id: '62', node_title: 'Show Text', channel: 'text', text: 'a red boat on a calm sea' },
		]);
	});

	it('a batch as so many items', async () => {
		const items = outputOf(await run(fields({ '5/batch_size': 3 })));
		expect(items.map(({ binary }) => binary?.data.fileName?.slice(-6))).toEqual([
			'-1.png',
			'-2.png',
			'-3.png',
		]);
	});

	it.each([
		['imageToVideo', 'video/mp4', 'gifs'],
		['song', 'audio/mpeg', 'audio'],
	] as const)('%s by its bytes, whatever its channel', async (name, mimeType, channel) => {
		const [item] = outputOf(await run({ ...on(name), ...fields({}) }));
		expect(item.binary?.data.mimeType).toBe(mimeType);
		expect(item.json).toMatchObject({ channel, media_type: mimeType.split('/')[0] });
	});

	it('nothing new is no error: the item says so, and the message above the output', async () => {
		await run({ ...fields({}), seed: 'keep' });
		const again = await run({ ...fields({}), seed: 'keep' });
		const [item] = outputOf(again);
		expect(item.binary).toBeUndefined();
		expect(item.json).toMatchObject({ status: 'completed', count: 0 });
		expect(item.json.message).toContain('made nothing new');
		const [{ hints }] = again.data.resultData.runData['RunComfy Deployment'];
		expect(hints).toEqual([
			{ message: item.json.message, type: 'warning', location: 'outputPane' },
		]);
	});

	it.each<[string, object]>([
		['a file without a URL', { 9: { images: [{ filename: 'a.png' }] } }],
		['numbers and switches', { 9: { value: [0], flag: [false] } }],
	])('outputs without a URL are not called nothing: %s', async (_, outputs) => {
		answerWith(() => ({ outputs }));
		const [item] = outputOf(await run());
		expect(item.json.message).toBe('The outputs of the run name no file with a URL.');
	});

	const still = `data:image/png;base64,${ServerlessEmulator.file(undefined, 'png').toString('base64')}`;
	it.each<[string, (url: string) => object]>([
		['a list of files', (url) => ({ outputs: [{ url }] })],
		['a list of nodes', (url) => ({ outputs: [{ images: [{ url }] }] })],
		['files deeper inside', (url) => ({ outputs: { 9: { ui: { images: { 0: { url } } } } } })],
		['a data URI as text', () => ({ outputs: { 9: { text: [still] } } })],
		['a name, as of a model', (url) => ({ output: { image: url } })],
		['a list of URLs, as of a model', (url) => ({ output: [url] })],
		['nodes called output', (url) => ({ outputs: {}, output: { 2: { images: [{ url }] } } })],
		['nodes beside no output', (url) => ({ output: {}, outputs: { 2: { images: [{ url }] } } })],
	])('a file is found in outputs of another shape: %s', async (_, change) => {
		answerWith(change);
		const items = outputOf(await run());
		expect(items.map(({ binary }) => binary?.data.mimeType)).toEqual(['image/png']);
		expect(items[0].json.texts).toEqual([]);
		expect(JSON.stringify(items[0].json)).not.toContain(still);
	});

	it('and no other price or model than there is', async () => {
		const [item] = outputOf(await run());
		expect(Object.keys(item.json)).not.toEqual(expect.arrayContaining(['cost', 'model']));
		expect(emulator.calls.filter(({ path }) => path.includes('include_cost'))).toEqual([]);
	});
});

describe('a machine that has to start first', () => {
	it('is waited for, an hour unless told otherwise', async () => {
		const [item] = outputOf(await run({}, ideas('[coldStart] a boat')));
		expect(item.json.status).toBe('completed');
		const startedAt = Date.now();
		const { message } = errorOf(await run({}, ideas('[endless] a boat')));
		expect(message).toBe('The output was not ready within 60 minutes');
		expect(Date.now() - startedAt).toBeGreaterThan(3_590_000);
	});
});

describe('a run that fails says which node, and quotes nothing', () => {
	it.each([
		['nodeErrors', 'My Sampler: Value 900 bigger than max of 100 (cfg)'],
		['nodeException', 'My Sampler: Allocation on device'],
	])('%s', async (scenario, words) => {
		const { workflow_api_json: graph } = emulator.deployment(DEPLOYMENTS.textToImage).payload;
		graph![3]._meta = { title: 'My Sampler' };
		const { message, description } = errorOf(await run({}, ideas(`[${scenario}] a boat`)));
		expect(message).toContain(words);
		expect(description).toContain(`Deployment ID: ${DEPLOYMENTS.textToImage}`);
		expect(message + description).not.toContain('a secret prompt');
	});

	it.each(['nodeErrors', 'nodeException'])(
		'of a whole workflow as JSON too: %s',
		async (scenario) => {
			const graph = structuredClone(
				emulator.deployment(DEPLOYMENTS.textToImage).payload.workflow_api_json!,
			);
			graph[3]._meta = { title: 'My Sampler' };
			graph[6].inputs.text = `[${scenario}] a boat`;
			expect(errorOf(await run(json(graph))).message).toContain('the output: My Sampler: ');
		},
	);

	it('to Get Request Result too', async () => {
		const { workflow_api_json: graph } = emulator.deployment(DEPLOYMENTS.textToImage).payload;
		graph![3]._meta = { title: 'My Sampler' };
		const [{ json: submitted }] = outputOf(
			await run({ operation: 'submit' }, ideas('[nodeException] a boat')),
		);
		const collect = { operation: 'getResult', waitForCompletion: true };
		const { message } = errorOf(
			await engine.run(deploymentWorkflow(collect), [{ json: submitted }]),
		);
		expect(message).toContain('My Sampler: Allocation on device');
	});

	it('a deployment that is disabled while its request goes on has started something', async () => {
		emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'result' || endpoint === 'status'
				? { status: 400, body: '{"error_code":10002,"error_message":"DisabledDeployment"}' }
				: usual();
		const { message, description } = errorOf(await run());
		expect(message).toBe('This deployment is disabled in RunComfy');
		expect(description).toContain('The request is not lost');
		expect(description).not.toContain('Nothing was started');
	});

	it.each([
		[401001, 401, 'RunComfy rejected the API token'],
		[401001, 200, 'RunComfy rejected the API token'],
		[403003, 200, 'Your RunComfy account cannot use this deployment'],
		[404001, 404, 'RunComfy does not know this deployment'],
		[10001, 200, 'Your RunComfy balance is too low'],
		[10002, 400, 'This deployment is disabled in RunComfy'],
		[10003, 200, 'RunComfy does not know this deployment'],
		[500001, 200, "RunComfy's reply was lost, so the output may already have been submitted"],
	])('code %i with HTTP %i on a submit: %s', async (code, status, words) => {
		emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'submit'
				? {
						status,
						headers: { 'content-type': 'application/json' },
						body: JSON.stringify({ error_code: code, error_message: 'Words' }),
					}
				: usual();
		expect(errorOf(await run()).message).toBe(words);
		expect(emulator.count('submit')).toBe(1);
	});

	const refused = { message: 'Prompt outputs failed validation', type: 'x' };
	const node = {
		class_type: 'KSampler',
		errors: [{ message: 'Not in list', extra_info: { received_value: 'a secret prompt' } }],
	};
	it.each<[string, object]>([
		[
			'with outputs',
			{
				outputs: { 9: { images: [{ filename: 'a.png' }] } },
				error: [{ error: 'failed', debugInfo: JSON.stringify({ node_errors: { 3: node } }) }],
			},
		],
		[
			'as text around JSON',
			{ error: `Not queued: ${JSON.stringify({ error: refused, node_errors: { 3: node } })}.` },
		],
		['as ComfyUI answers', { error: refused, node_errors: { 3: node } }],
	])('and quotes nothing of what ComfyUI quotes: %s', async (_, failure) => {
		emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'result'
				? { status: 200, body: JSON.stringify({ status: 'failed', ...failure }) }
				: usual();
		const { message, description } = errorOf(await run());
		expect(message).toBe("RunComfy couldn't generate the output: KSampler: Not in list");
		expect(description).not.toContain('secret');
	});

	it('nor the key of another service that RunComfy quotes', async () => {
		emulator.refusal = 'not a key: comfyui-0123456789abcdef';
		const extra_data = { api_key_comfy_org: 'comfyui-0123456789abcdef' };
		const { message } = errorOf(await run(json({ overrides: {}, extra_data })));
		expect(message).toBe('RunComfy rejected the input: not a key: …');
	});

	it.each(['cancelled', 'Canceled'])(
		'a run whose outcome is %s is not finished',
		async (outcome) => {
			emulator.respond = ({ endpoint }, usual) =>
				endpoint === 'result'
					? { status: 200, body: JSON.stringify({ status: 'completed', outcome }) }
					: usual();
			expect(errorOf(await run()).message).toBe('The request was cancelled in RunComfy');
		},
	);

	it.each(['resetAfter', 'otherIdIn500'] as const)(
		'a lost reply names the deployment whose requests are to be checked: %s',
		async (fault) => {
			emulator.chooseFault = ({ endpoint }) => (endpoint === 'submit' ? fault : undefined);
			const workflow = deploymentWorkflow();
			const failed = await engine.run(workflow, ideas('a boat'));
			const again = await engine.retry(workflow, failed);
			for (const { description } of [errorOf(failed), errorOf(again)]) {
				expect(description).toContain(`Deployment ID: ${DEPLOYMENTS.textToImage}`);
			}
			expect(emulator.count('submit')).toBe(1);
		},
	);

	it('an error of one item names the others with the deployment of each', async () => {
		emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'submit' && emulator.paidPosts === 2
				? { status: 422, body: '{"detail":"no"}' }
				: usual();
		const { textToImage, suggested } = DEPLOYMENTS;
		const ownEach = { __rl: true, mode: 'id', value: '={{ $json.id }}' };
		const overrides = { 6: { inputs: { text: '[slow] a boat' } } };
		const failed = await run(
			{ deployment: ownEach, ...json({ overrides }) },
			[textToImage, suggested, textToImage].map((id) => ({ json: { id } })),
		);
		const { description } = errorOf(failed);
		expect(emulator.requests.size).toBe(2);
		for (const [id, { model }] of emulator.requests) {
			expect(description).toContain(`${id} (deployment ${model})`);
		}
	});

	it('a code that is called `code` is one too', async () => {
		emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'submit' ? { status: 200, body: '{"code":"10002","message":"Off"}' } : usual();
		expect(errorOf(await run()).message).toBe('This deployment is disabled in RunComfy');
	});

	it('a fault that only RunComfy finds is named by its field', async () => {
		emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'submit'
				? {
						status: 422,
						body: JSON.stringify({
							error_code: 422001,
							error_message: 'Validation Error',
							detail: [{ loc: ['overrides', '6', 'text'], msg: 'too long' }],
						}),
					}
				: usual();
		expect(errorOf(await run()).message).toBe(
			'RunComfy rejected the input: Positive Prompt › text: too long',
		);
	});
});

describe('a running request can be cancelled', () => {
	it.each(['endless', 'queued', 'cancelRequested'])('by a Stop: [%s]', async (scenario) => {
		const execution = engine.start(deploymentWorkflow(), ideas(`[${scenario}] a boat`));
		while (emulator.count('result') === 0) await new Promise((resolve) => setTimeout(resolve, 100));
		execution.stop();
		await execution.finished;
		await new Promise((resolve) => setTimeout(resolve, 60_000));
		expect(emulator.count('cancel')).toBe(1);
		expect(engine.log.filter((line) => line.includes('The request is cancelled.'))).toHaveLength(1);
		const [request] = emulator.requests.values();
		expect(emulator.stateOf(request)).toBe('cancelled');
	});

	it('by Cancel Request, which waits for the end, with the ids of the item', async () => {
		const [submitted] = outputOf(await run({ operation: 'submit' }, ideas('[endless] a boat')));
		expect(submitted.json).toMatchObject({ deployment_id: DEPLOYMENTS.textToImage });
		expect(submitted.json.seeds).toBeDefined();
		const own = deploymentWorkflow({ operation: 'cancel' });
		const [status] = outputOf(
			await engine.run(deploymentWorkflow({ operation: 'getStatus' }), [{ json: submitted.json }]),
		);
		expect(status.json).toMatchObject({
			status: 'in_progress',
			deployment_id: DEPLOYMENTS.textToImage,
		});
		const [cancelled] = outputOf(await engine.run(own, [{ json: submitted.json }]));
		expect(cancelled.json).toMatchObject({ cancelled: true, message: 'The request is cancelled.' });
		const [again] = outputOf(await engine.run(own, [{ json: submitted.json }]));
		expect(again.json.cancelled).toBe(true);
	});

	const asksToCancel = async (answer: string | undefined, status = 202) => {
		const [{ json: submitted }] = outputOf(
			await run({ operation: 'submit' }, ideas('[endless] a boat')),
		);
		emulator.respond = ({ endpoint }, usual) => {
			const usually = usual();
			return endpoint === 'cancel' ? { status, body: answer ?? '' } : usually;
		};
		const own = deploymentWorkflow({ operation: 'cancel' });
		return outputOf(await engine.run(own, [{ json: submitted }]))[0].json;
	};

	it.each([
		'',
		'{"status":"completed","outcome":"canceled"}',
		'{"status":"cancelling"}',
		'{"status":"cancelled"}',
		'{"accepted":true}',
	])('whatever words the cancel is accepted in: %s', async (answer) => {
		const { cancelled, message } = await asksToCancel(answer);
		expect([cancelled, message]).toEqual([true, 'The request is cancelled.']);
		const [request] = emulator.requests.values();
		expect(emulator.stateOf(request)).toBe('cancelled');
	});

	it.each<[string, number]>([
		['{"status":"in_progress","outcome":"not_cancellable"}', 202],
		['{"status":"not_cancellable"}', 202],
		['{"message":"cannot"}', 409],
	])('and one that is refused is said to go on: %s', async (answer, status) => {
		emulator.onCall = ({ endpoint }) => {
			if (endpoint !== 'cancel') return;
			const [request] = emulator.requests.values();
			Object.defineProperty(request, 'cancelledAt', { get: () => undefined, set: () => undefined });
		};
		const { cancelled, message } = await asksToCancel(answer, status);
		expect(cancelled).toBe(false);
		expect(message).toContain('it is still running, and goes on using machine time');
	});

	it('the files of a whole workflow as JSON have the titles of its own nodes', async () => {
		const { payload } = emulator.deployment(DEPLOYMENTS.textToImage);
		const graph = structuredClone(payload.workflow_api_json!);
		graph[9]._meta = { title: 'Keep It' };
		const [item] = outputOf(await run(json(graph)));
		expect(item.json).toMatchObject({ node_id: '9', node_title: 'Keep It' });
	});

	it('Get Request Result collects what was submitted, with the titles of its nodes', async () => {
		const [submitted] = outputOf(await run({ operation: 'submit' }));
		const [item] = outputOf(
			await engine.run(deploymentWorkflow({ operation: 'getResult', waitForCompletion: true }), [
				{ json: submitted.json },
			]),
		);
		expect(item.binary?.data.mimeType).toBe('image/png');
		expect(item.json).toMatchObject({
			node_title: 'Save Image',
			request_id: submitted.json.request_id,
		});
	});
});

it('the token and the workflow go nowhere but to the API: ComfyUI’s list of classes is read without it', async () => {
	await run();
	const calls = emulator.calls.map(({ endpoint, headers }) => [
		endpoint,
		headers.authorization !== undefined,
	]);
	expect(calls.filter(([, withToken]) => !withToken).map(([endpoint]) => endpoint)).toEqual([
		'objectInfo',
		'media',
	]);
	expect(emulator.count('model')).toBe(1);
});

it.each(['{"max":1e400}', '{"min":9,"max":1}', 'null'])(
	'a range that says nothing refuses nothing: %s',
	async (range) => {
		const info = `{"KSampler":{"input":{"required":{"cfg":["FLOAT",${range}]}}}}`;
		emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'objectInfo' ? { status: 200, body: info } : usual();
		await run({ ...fields({ '3/cfg': 5 }), seed: 'keep' });
		expect(body().overrides).toEqual({ 3: { inputs: { cfg: 5 } } });
	},
);

it.each(['notFound', 'hangBefore', 'halfJson', 'redirect'] as const)(
	'a list of classes that does not come (%s) leaves the check to the saved values',
	async (fault) => {
		emulator.chooseFault = ({ endpoint }) => (endpoint === 'objectInfo' ? fault : undefined);
		const [item] = outputOf(await run(fields({ '3/cfg': 5, '3/seed': '18446744073709551615' })));
		expect(item.json.status).toBe('completed');
		expect(bodies()[0]).toContain('"seed":18446744073709551615');
	},
);

it('a data URI for which RunComfy’s list of classes does not come in the next try is not paid again', async () => {
	const { workflow_api_json: graph } = emulator.deployment(DEPLOYMENTS.textToImage).payload;
	graph![1] = { class_type: 'MyPicture', inputs: { picture: 'a.png' } };
	const still = ServerlessEmulator.file(undefined, 'png').toString('base64');
	const spec = [['a.png'], { image_upload: true }];
	const info = { MyPicture: { input: { required: { picture: spec } } } };
	let lists = 0;
	emulator.respond = ({ endpoint }, usual) =>
		endpoint !== 'objectInfo'
			? usual()
			: { status: ++lists === 1 ? 200 : 500, body: JSON.stringify(info) };
	let results = 0;
	emulator.chooseFault = ({ endpoint }) =>
		endpoint === 'result' && ++results === 1 ? 'forbidden' : undefined;
	const picture = `data:image/png;base64,${still}`;
	const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
	const workflow = deploymentWorkflow(json({ 1: { inputs: { picture } } }), settings);
	const [item] = outputOf(await engine.run(workflow, ideas('a boat')));
	expect(lists).toBe(2);
	expect(item.json.status).toBe('completed');
	expect(emulator.paidPosts).toBe(1);
});
