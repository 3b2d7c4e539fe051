import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import type { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { chooseCredential, itemsOf, type WorkflowJson } from '../fixtures/workflows';
import { fields } from '../engine/deploymentWorkflow';
import { located } from '../engine/modelWorkflow';
import { DEPLOYMENTS } from '../fixtures/deployments';
import { startHost, type Host } from '../host/host';
import type { ExecutionRecord, N8n } from '../host/N8n';
import { MockModel } from './MockModel';

let host: Host;
let n8n: N8n;
let emulator: RunComfyEmulator;
let model: MockModel | undefined;
let paidBefore = 0;

beforeAll(async () => {
	host = await startHost();
	({ n8n, emulator } = host);
}, 900_000);

afterAll(async () => await host?.stop());

beforeEach(() => {
	emulator.requests.clear();
	emulator.chooseFault = undefined;
	paidBefore = emulator.paidPosts;
});

afterEach(async () => {
	await model?.stop();
	model = undefined;
});

const paid = () => emulator.paidPosts - paidBefore;
const ids = () => [...emulator.requests.keys()];
const prompts = () => [...emulator.requests.values()].map(({ input }) => input.prompt);
const retryOnFail: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
const boat = { Prompt: 'a boat' };

/** Fails the first `times` of the calls that fetch a result, when the request is long known. */
function failFirstResults(times: number): void {
	let failed = 0;
	emulator.chooseFault = ({ endpoint }) =>
		endpoint === 'result' && failed++ < times ? 'forbidden' : undefined;
}

type Tool = Pick<INode, 'name' | 'type' | 'parameters'>;

const klingVideo: Tool = {
	name: 'Kling Video',
	type: 'n8n-nodes-runcomfy.klingVideoTool',
	parameters: {
		prompt: "={{ $fromAI('Prompt', 'What the video shows', 'string') }}",
		downloadMedia: false,
	},
};

/** Lets n8n's own agent work with a model that calls a tool as it is told. */
async function ask(
	agentVersion: number,
	turns: object[][],
	settings: Partial<INode> = {},
	tool = klingVideo,
): Promise<ExecutionRecord> {
	model = await MockModel.start(...turns);
	const openAiApi = await n8n.createCredential('openAiApi', 'Mock model', {
		apiKey: 'none',
		url: model.url,
	});
	const node = (
		name: string,
		type: string,
		typeVersion: number,
		parameters: IDataObject,
		more: Partial<INode> = {},
	): INode => ({
		id: name,
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: parameters as INodeParameters,
		...more,
	});
	const json: WorkflowJson = {
		name: 'Agent',
		nodes: [
			node('Ideas', 'n8n-nodes-base.manualTrigger', 1, {}),
			node('Agent', '@n8n/n8n-nodes-langchain.agent', agentVersion, {
				promptType: 'define',
				text: 'Make a video of a boat',
				options: {},
			}),
			node(
				'Model',
				'@n8n/n8n-nodes-langchain.lmChatOpenAi',
				1.2,
				{ model: { __rl: true, mode: 'id', value: 'mock' }, options: {} },
				{ credentials: { openAiApi } },
			),
			node(tool.name, tool.type, 1, tool.parameters as IDataObject, settings),
		],
		connections: {
			Ideas: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
			Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
			[tool.name]: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
		settings: {},
	};
	const { id } = await n8n.createWorkflow(chooseCredential(json, host.credential));
	return await n8n.ended(await n8n.run(id, 'Ideas'));
}

/** The replies of the tool that the model has read, each by the request that it names. */
function repliesById(): Map<string, string> {
	const replies = (model?.replies ?? []).map((reply): [string, string] => [
		ids().find((id) => reply.includes(id)) ?? reply,
		reply,
	]);
	return new Map(replies);
}

describe.each([2.2, 3, 3.1])('as a tool of an AI agent %s', (version) => {
	it('makes the video, and the answer names its URL', async () => {
		const record = await ask(version, [[{ Prompt: 'a lighthouse at night' }]]);
		expect(record.data?.resultData.error).toBeUndefined();
		const [requestId] = ids();
		expect(prompts()).toEqual(['a lighthouse at night']);
		expect(itemsOf(record, 'Agent')[0].json.output).toContain(`${emulator.url}/media/${requestId}`);
		expect(model?.tools[0].function.description).toContain('Kling');
		expect(paid()).toBe(1);
	});

	it('with Retry On Fail pays once for a call whose first tries fail after the id is known', async () => {
		failFirstResults(2);
		await ask(version, [[boat]], retryOnFail);
		expect(paid()).toBe(1);
		expect(model?.replies).toEqual([expect.stringContaining(`/media/${ids()[0]}`)]);
	});

	it('takes calls one after the other for one request each, with the same prompt and with others', async () => {
		await ask(version, [[boat], [boat], [{ Prompt: 'a cat' }]], retryOnFail);
		expect(prompts()).toEqual(['a boat', 'a boat', 'a cat']);
		expect([...repliesById().keys()]).toEqual(ids());
	});

	it('takes the calls of one turn for one request each, with the same prompt and with others', async () => {
		await ask(version, [[boat, boat, { Prompt: 'a cat' }]], retryOnFail);
		expect(prompts().sort()).toEqual(['a boat', 'a boat', 'a cat']);
		expect([...repliesById().keys()].sort()).toEqual(ids().sort());
	});

	it('lets each call of one turn pick up its own request after a failed try', async () => {
		failFirstResults(2);
		await ask(version, [[{ Prompt: 'a cat' }, { Prompt: 'a dog' }]], retryOnFail);
		expect(prompts().sort()).toEqual(['a cat', 'a dog']);
		expect([...repliesById().keys()].sort()).toEqual(ids().sort());
		expect(paid()).toBe(2);
	});

	it.each<Partial<INode>>([{}, { onError: 'continueRegularOutput' }])(
		'with %o tells the model the id of what is not ready, and gives it to a model that calls again',
		async (settings) => {
			failFirstResults(1);
			await ask(version, [[boat], [boat]], settings);
			const [requestId] = ids();
			expect(model?.replies).toEqual([
				expect.stringContaining(`Request ID: ${requestId}`),
				expect.stringContaining(`/media/${requestId}`),
			]);
			expect(model?.replies[0]).toContain('do not submit it again');
			expect(paid()).toBe(1);
		},
	);
});

const field = (id: string, displayName: string, type: string) => ({
	id,
	displayName,
	type,
	required: false,
	removed: false,
	display: true,
	readOnly: false,
	defaultMatch: false,
	canBeUsedToMatch: false,
});

const runComfy: Tool = {
	name: 'RunComfy',
	type: 'n8n-nodes-runcomfy.runComfyTool',
	parameters: {
		model: located('blackforestlabs/flux-2/flash/text-to-image'),
		prompt: "={{ $fromAI('Prompt', ``, 'string') }}",
		inputs: {
			mappingMode: 'defineBelow',
			value: {
				guidance_scale: "={{ $fromAI('Guidance_Scale', ``, 'number') }}",
				image_size: "={{ $fromAI('Image_Size', 'landscape_16_9 or square_hd', 'string') }}",
			},
			matchingColumns: [],
			schema: [
				field('guidance_scale', 'Guidance Scale (0 to 20, default 2.5)', 'number'),
				{
					...field('image_size', 'Image Size', 'options'),
					options: ['square_hd', 'landscape_16_9'].map((value) => ({ name: value, value })),
				},
			],
		},
		downloadMedia: false,
	} as unknown as INodeParameters,
};
const right = { Prompt: 'a boat', Guidance_Scale: 3, Image_Size: 'square_hd' };

describe.each([2.2, 3, 3.1])('RunComfy as a tool of an AI agent %s', (version) => {
	it('takes its prompt and its inputs from the model, and gives it the URL', async () => {
		const record = await ask(version, [[right]], {}, runComfy);
		expect(record.data?.resultData.error).toBeUndefined();
		const [request] = emulator.requests.values();
		expect(request.input).toEqual({
			prompt: 'a boat',
			guidance_scale: 3,
			image_size: 'square_hd',
		});
		expect(itemsOf(record, 'Agent')[0].json.output).toContain(`/media/${request.requestId}`);
		expect(model?.tools[0].function).toMatchObject({
			description: expect.stringContaining('RunComfy'),
			parameters: {
				properties: { Prompt: { type: 'string' }, Guidance_Scale: { type: 'number' } },
			},
		});
		expect(paid()).toBe(1);
	});

	it.each([
		['a number out of range', { Guidance_Scale: 99 }, 'Guidance Scale must be a number from 0 to'],
		['an empty prompt', { Prompt: '' }, 'Prompt is required'],
		['a choice that there is not', { Image_Size: 'huge' }, /Image Size must be one of .*square_hd/],
	])('tells the model what to correct about %s, and takes it then', async (_, wrong, told) => {
		await ask(version, [[{ ...right, ...wrong }], [right]], {}, runComfy);
		expect(model?.replies).toEqual([
			expect.stringMatching(told),
			expect.stringContaining(`/media/${ids()[0]}`),
		]);
		expect(paid()).toBe(1);
	});
});

it.each([3, 3.1])(
	'RunComfy takes a number that the model of agent %s gives as text',
	async (version) => {
		await ask(version, [[{ ...right, Guidance_Scale: '4' }]], {}, runComfy);
		expect([...emulator.requests.values()].map(({ input }) => input.guidance_scale)).toEqual([4]);
	},
);

const deployment: Tool = {
	name: 'RunComfy Deployment',
	type: 'n8n-nodes-runcomfy.runComfyDeploymentTool',
	parameters: {
		deployment: located(DEPLOYMENTS.textToImage),
		...fields({
			'6/text': "={{ $fromAI('Positive_Prompt_text', ``, 'string') }}",
			'5/width': "={{ $fromAI('Empty_Latent_Image_width', ``, 'number') }}",
		}),
		seed: 'keep',
		downloadMedia: false,
	},
};

describe.each([2.2, 3, 3.1])('RunComfy Deployment as a tool of an AI agent %s', (version) => {
	beforeEach(() => {
		host.serverless.bodies.clear();
		host.serverless.requests.clear();
	});
	// Another one each time, for the machine makes nothing new of the same inputs.
	const text = `a "red" boat, ${version}`;
	const asked = { Positive_Prompt_text: text, Empty_Latent_Image_width: 640 };
	const runs = () => [...host.serverless.bodies.values()].map((text) => JSON.parse(text) as object);

	it('takes the inputs of its workflow from the model, and gives it the URL', async () => {
		const record = await ask(version, [[asked]], {}, deployment);
		expect(record.data?.resultData.error).toBeUndefined();
		expect(runs()).toEqual([
			{ overrides: { 5: { inputs: { width: 640 } }, 6: { inputs: { text } } } },
		]);
		const [requestId] = host.serverless.requests.keys();
		expect(itemsOf(record, 'Agent')[0].json.output).toContain(requestId);
		expect(model?.replies[0]).toContain('"url":"http');
	});

	it('tells the model what to correct, and takes it then', async () => {
		const wrong = { ...asked, Empty_Latent_Image_width: 1 };
		await ask(version, [[wrong], [asked]], {}, deployment);
		expect(model?.replies[0]).toMatch(/Empty Latent Image › width must be a whole number from/);
		expect(runs()).toHaveLength(1);
	});
});
