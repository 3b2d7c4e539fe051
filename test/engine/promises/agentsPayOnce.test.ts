import type { IDataObject, INode, IRun } from 'n8n-workflow';
import { itemsOf, type WorkflowJson } from '../../fixtures/workflows';
import { klingWorkflow } from '../klingWorkflow';
import { located } from '../modelWorkflow';
import { isDeployment, target } from '../nodeUnderTest';
import { createWorld, type World } from '../world';

const OVERRIDES = '{ "2": { "inputs": { "prompt": "a boat" } } }';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

/** An agent that calls Kling Video as its tool: turns one after the other, the calls of one at once. */
function agentWorkflow(
	version: 2 | 3,
	turns: Array<Array<{ prompt: string }>>,
	settings: Partial<INode> = {},
	prompt = `={{ $fromAI('prompt', 'what to show') }}`,
): WorkflowJson {
	const json = klingWorkflow({ prompt, options: { maximumWaitMinutes: 5 } }, settings);
	const kling = json.nodes[1];
	kling.type += 'Tool';
	json.nodes.push({
		id: '9',
		name: 'Agent',
		type: `stand-in.agentV${version}`,
		typeVersion: 1,
		position: [0, 0],
		parameters: { turns: JSON.stringify(turns) },
	});
	json.connections = {
		Ideas: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
		'Kling Video': { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
	};
	return json;
}

/** What the model would read of its tool, in the order of its calls. */
const readBy = (run: IRun) => itemsOf(run, 'Agent').map(({ json }) => String(json.text));
const prompts = () => [...world.emulator.requests.values()].map(({ input }) => input.prompt);
const retryOnFail: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

/** Fails the first calls of an endpoint for good. */
function failFirst(endpoint: string, times: number): void {
	let failed = 0;
	world.emulator.chooseFault = (call) =>
		call.endpoint === endpoint && failed++ < times ? 'forbidden' : undefined;
}

function failWith500(): void {
	world.emulator.respond = ({ endpoint }, usual) =>
		endpoint === 'submit' ? { status: 500, body: '{"error_code":500001}' } : usual();
}

describe.each([2, 3] as const)('the tool of an AI agent of version %i', (version) => {
	it('tells the model where to look when a reply was lost', async () => {
		failWith500();
		const [text] = readBy(await world.engine.run(agentWorkflow(version, [[{ prompt: 'a boat' }]])));
		const seen = isDeployment ? 'the requests of the deployment' : 'Generations';
		expect(text).toContain(`ask the user to check ${seen} in RunComfy first`);
		expect(world.engine.log.join('\n')).toContain('check in RunComfy whether it has started');
	});

	it('gives the model URL and id of the video', async () => {
		const run = await world.engine.run(agentWorkflow(version, [[{ prompt: 'a boat' }]]));
		const [text] = readBy(run);
		const [id] = world.emulator.requests.keys();
		expect(text).toContain(`"request_id":"${id}"`);
		expect(text).toContain('/media/');
		expect(prompts()).toEqual(['a boat']);
	});

	it('with Retry On Fail pays once for one call, whatever run index its tries have', async () => {
		failFirst('result', 2);
		const json = agentWorkflow(version, [[{ prompt: 'a boat' }]], retryOnFail);
		const [text] = readBy(await world.engine.run(json));
		expect(text).toContain([...world.emulator.requests.keys()][0]);
		expect(text).toContain('/media/');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('with Retry On Fail pays once although the prompt is another one on every try', async () => {
		failFirst('result', 2);
		const changing = `={{ $fromAI('prompt', 'what to show') + ' ' + Math.random() }}`;
		const json = agentWorkflow(version, [[{ prompt: 'a boat' }]], retryOnFail, changing);
		await world.engine.run(json);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('takes two calls for two requests, one after the other and at once, alike or not', async () => {
		const boat = { prompt: 'a boat' };
		const turns = [[boat], [boat], [boat, boat], [{ prompt: 'a cat' }, { prompt: 'a dog' }]];
		const run = await world.engine.run(agentWorkflow(version, turns));
		expect(prompts().sort()).toEqual(['a boat', 'a boat', 'a boat', 'a boat', 'a cat', 'a dog']);
		const ids = [...world.emulator.requests.keys()];
		expect(ids.filter((id) => readBy(run).some((text) => text.includes(id)))).toEqual(ids);
	});

	it('lets each of two calls at once pick up its own request after a failed try', async () => {
		failFirst('result', 2);
		const turns = [[{ prompt: 'a cat' }, { prompt: 'a dog' }]];
		const run = await world.engine.run(agentWorkflow(version, turns, retryOnFail));
		const [cat, dog] = readBy(run);
		const idOf = (prompt: string) =>
			[...world.emulator.requests.values()].find(({ input }) => input.prompt === prompt)?.requestId;
		expect(cat).toContain(idOf('a cat'));
		expect(dog).toContain(idOf('a dog'));
		expect(world.emulator.paidPosts).toBe(2);
	});

	it('tells the model the id of a request that is not ready, and not to submit it again', async () => {
		const run = await world.engine.run(agentWorkflow(version, [[{ prompt: '[endless] a boat' }]]));
		const [text] = readBy(run);
		expect(text).toContain(`Request ID: ${[...world.emulator.requests.keys()][0]}`);
		expect(text).toContain('do not submit it again');
	});

	it('gives a model that calls again all the same the request that it has made', async () => {
		const call = [{ prompt: '[slow] a boat' }];
		const json = agentWorkflow(version, [call, call]);
		const kling = json.nodes[1];
		kling.parameters.options = { maximumWaitMinutes: 2 } as IDataObject as never;
		const [first, second] = readBy(await world.engine.run(json));
		expect(first).toContain('do not submit it again');
		expect(second).toContain('/media/');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('tells the model not to call again when it is unknown whether the request was accepted', async () => {
		const call = [{ prompt: '[lostAnswer] a boat' }];
		// With Retry On Fail an agent of version 2 tells its model nothing of the last error, and before
		// n8n 2.41 one of version 3 ends with it: the older engines run this test too.
		const isOlder = process.env.N8N_ENGINE_FOLDER !== undefined;
		const settings = version === 2 || isOlder ? {} : retryOnFail;
		const [text, again] = readBy(
			await world.engine.run(agentWorkflow(version, [call, call], settings)),
		);
		expect(text).toContain('Do not call this tool again');
		expect(again).toContain('Do not call this tool again');
		expect(world.emulator.count('submit')).toBe(1);
	});

	it('tells the model the id of a request that is not ready where the tool continues on a fail, and then gives it the request', async () => {
		const call = [{ prompt: '[slow] a boat' }];
		const json = agentWorkflow(version, [call, call], { onError: 'continueRegularOutput' });
		json.nodes[1].parameters.options = { maximumWaitMinutes: 2 };
		const [first, second] = readBy(await world.engine.run(json));
		expect(first).toContain([...world.emulator.requests.keys()][0]);
		expect(first).toContain('do not submit it again');
		expect(second).toContain('/media/');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('submits again for a model that calls again after a run that failed', async () => {
		const call = [{ prompt: '[failing] a boat' }];
		const settings: Partial<INode> = { onError: 'continueRegularOutput' };
		await world.engine.run(agentWorkflow(version, [call, call], settings));
		expect(world.emulator.paidPosts).toBe(2);
	});

	it('in a loop asks anew for what it reads from the row, although the arguments are equal', async () => {
		const prompt = "={{ $('Agent').isExecuted ? '[slow] two' : '[slow] one' }}";
		const json = agentWorkflow(version, [[{ prompt: 'the row' }]], {}, prompt);
		json.nodes[1].parameters.options = { maximumWaitMinutes: 1 };
		const place = { typeVersion: 1, position: [0, 0] as [number, number], parameters: {} };
		json.nodes.push({ ...place, id: '5', name: 'Again', type: 'n8n-nodes-base.noOp' });
		const to = (node: string) => ({ node, type: 'main' as const, index: 0 });
		json.connections.Ideas = { main: [[to('Agent'), to('Again')]] };
		json.connections.Again = { main: [[to('Agent')]] };
		await world.engine.run(json);
		expect(prompts()).toEqual(['[slow] one', '[slow] two']);
	});

	it('lets two equal calls at once have a request each, although one is retried and slow', async () => {
		const boat = { inputs: isDeployment ? OVERRIDES : '{ "prompt": "a boat" }' };
		const json = agentWorkflow(version, [[boat as never, boat as never]], retryOnFail);
		Object.assign(json.nodes[1], {
			type: `n8n-nodes-runcomfy.runComfy${isDeployment ? 'Deployment' : ''}Tool`,
			parameters: {
				[isDeployment ? 'deployment' : 'model']: located(target, 'id'),
				specifyInputs: 'json',
				inputsJson: `={{ $fromAI('inputs', 'what to show') }}`,
			},
		});
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && world.emulator.count('submit') === 2 ? 'rejected' : undefined;
		world.emulator.delay = ({ endpoint }) =>
			endpoint === 'model' && world.emulator.count('submit') > 1 ? 5_000 : 0;
		const read = readBy(await world.engine.run(json));
		const [one, two, ...more] = world.emulator.requests.keys();
		expect(more).toEqual([]);
		expect(read.filter((text) => text.includes(one))).toHaveLength(1);
		expect(read.filter((text) => text.includes(two))).toHaveLength(1);
	});
});
