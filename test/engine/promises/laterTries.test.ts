import type { INode, INodeParameters } from 'n8n-workflow';
import { nodeOf, type WorkflowJson } from '../../fixtures/workflows';
import { CREDENTIAL, ideas } from '../klingWorkflow';
import { located, modelWorkflow } from '../modelWorkflow';
import { pass, until } from '../virtualTime';
import { isDeployment, itemOf, target } from '../nodeUnderTest';
import { createWorld, credentialOf, errorOf, type World } from '../world';
import { itemsOf } from '../../fixtures/workflows';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const ids = () => [...world.emulator.requests.keys()];
const told = () => world.engine.log.filter((line) => line.includes('stopped. Request'));
const retryOnFail: Partial<INode> = { retryOnFail: true, maxTries: 2, waitBetweenTries: 5_000 };

const inputsJson = (prompt: string) =>
	isDeployment
		? `={{ ({ 2: { inputs: { prompt: ${prompt} } } }) }}`
		: `={{ ({ prompt: ${prompt} }) }}`;

/** Text to video by the node for any model, which reads the catalog first. */
function workflow(parameters: INodeParameters = {}, settings: Partial<INode> = {}): WorkflowJson {
	const chosen = { [isDeployment ? 'deployment' : 'model']: located(target, 'id') };
	const inputs = { specifyInputs: 'json', inputsJson: inputsJson('$json.prompt') };
	const waiting = { options: { maximumWaitMinutes: 1 } };
	const json = modelWorkflow({ ...chosen, ...inputs, ...waiting, ...parameters }, settings);
	if (isDeployment) nodeOf(json, 'RunComfy').type = 'n8n-nodes-runcomfy.runComfyDeployment';
	return json;
}

/** An execution that has left two requests, one finished and one not. */
async function failed() {
	const run = await world.engine.run(workflow(), ideas('one', '[slow] two'));
	expect(errorOf(run).message).toContain('was not ready');
	expect(ids()).toHaveLength(2);
	return run;
}

describe('promise 3: a later try that fails early loses nothing', () => {
	const wrong: Record<string, () => WorkflowJson | Promise<WorkflowJson>> = {
		'the catalog is down': () => {
			world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'model' ? 'json500' : undefined);
			return workflow();
		},
		'an option is wrong': () => workflow({ options: { maximumConcurrency: 0 } }),
		'an option of each item is wrong': () => workflow({ options: { maximumWaitMinutes: -1 } }),
		'the credential is wrong': async () => {
			await world.engine.saveCredential(
				CREDENTIAL,
				credentialOf({ token: '', url: world.emulator.url }),
			);
			return workflow();
		},
		'there is no credential': () => {
			const json = workflow();
			nodeOf(json, 'RunComfy').credentials = { runComfyApi: { id: 'gone', name: 'gone' } };
			return json;
		},
		'an input has become wrong': () => workflow({ inputsJson: '{ "prompt": 1' }),
		'an expression fails': () => workflow({ inputsJson: '={{ $json.prompt.boat.sails }}' }),
	};

	it.each(Object.keys(wrong))('the error names all when %s', async (how) => {
		const before = await failed();
		const run = await world.engine.retry(await wrong[how](), before);
		const { description } = errorOf(run);
		for (const id of ids()) expect(description).toContain(id);
		expect(description).not.toMatch(/Nothing was/);
		expect(world.emulator.paidPosts).toBe(2);
	});

	it.each(['the catalog is down', 'an option is wrong', 'the credential is wrong'])(
		'the item of each has its id where the node continues, when %s',
		async (how) => {
			const before = await failed();
			const json = await wrong[how]();
			nodeOf(json, 'RunComfy').onError = 'continueRegularOutput';
			const items = itemsOf(await world.engine.retry(json, before), 'RunComfy');
			expect(items.map(({ json: { request_id: id } }) => id)).toEqual(ids());
			expect(JSON.stringify(items)).not.toContain('Nothing was');
		},
	);

	it('an item that has become wrong hides none of the others', async () => {
		const before = await failed();
		const edited = workflow({
			inputsJson: inputsJson('$itemIndex === 0 ? 7 : $json.prompt'),
		});
		const { description } = errorOf(await world.engine.retry(edited, before));
		for (const id of ids()) expect(description).toContain(id);
	});

	it('where the node continues, a finished video is handed out although the catalog is down', async () => {
		world.emulator.chooseFault = ({ endpoint }) => {
			const { count } = world.emulator;
			const isFirst = endpoint === 'submit' && world.emulator.count('submit') === 1;
			const later = endpoint === 'model' && count.call(world.emulator, 'submit') > 1;
			return isFirst ? 'rejected' : later ? 'json500' : undefined;
		};
		const settings = { ...retryOnFail, onError: 'continueRegularOutput' } as const;
		const run = await world.engine.run(workflow({}, settings), ideas('zero', 'one'));
		const [zero, one] = itemsOf(run, 'RunComfy');
		expect(zero.json.error).toContain('could not be read');
		expect(one.json.request_id).toBe(ids()[0]);
		expect(one.binary?.data.mimeType).toBe('video/mp4');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('the reply that was lost is not forgotten when the catalog is down', async () => {
		const lost = await world.engine.run(workflow(), ideas('[lostAnswer] one'));
		expect(errorOf(lost).message).toContain('may already have been submitted');
		const run = await world.engine.retry(wrong['the catalog is down']() as WorkflowJson, lost);
		expect(errorOf(run).message).toContain('may already have been submitted');
	});

	it('a Stop while the catalog is read cancels and logs what an earlier try has left', async () => {
		const before = await world.engine.run(workflow(), ideas('[queued] one', '[queued] two'));
		world.emulator.delay = ({ endpoint }) => (endpoint === 'model' ? 8_000 : 0);
		const execution = world.engine.startRetry(workflow(), before);
		await pass(2_000);
		execution.stop();
		await execution.finished;
		await until(() => told().length === 2);
		const states = [...world.emulator.requests.values()].map((request) =>
			world.emulator.stateOf(request),
		);
		expect(states).toEqual(['cancelled', 'cancelled']);
	});

	it('a Stop leaves alone what the earlier try was told to leave alone', async () => {
		const options = { maximumWaitMinutes: 1, cancelOnStop: false };
		const before = await world.engine.run(workflow({ options }), ideas('[queued] one'));
		world.emulator.delay = ({ endpoint }) => (endpoint === 'model' ? 8_000 : 0);
		const execution = world.engine.startRetry(workflow({ options }), before);
		await pass(2_000);
		execution.stop();
		await execution.finished;
		await until(() => told().length === 1);
		expect(told()[0]).toContain("'Cancel on Stop' is off");
		expect(world.emulator.count('cancel')).toBe(0);
	});

	it('Retry submits again what had failed before the execution ended without an output', async () => {
		const json = workflow({ options: {} }, { onError: 'continueRegularOutput' });
		const execution = world.engine.start(json, ideas('[failing] one', '[slow] two'));
		await until(() => world.emulator.count('result') > 2);
		await pass(5_000);
		execution.stop();
		const stopped = await execution.finished;
		await until(() => told().length === 2);
		const [one] = world.emulator.requests.values();
		expect(world.emulator.stateOf(one)).toBe('failed');
		const retried = await world.engine.retry(json, stopped);
		const prompts = [...world.emulator.requests.values()].map(({ input }) => input.prompt);
		// A running request of a deployment was cancelled by the Stop.
		const cancelled = isDeployment ? ['[slow] two'] : [];
		expect(prompts).toEqual(['[failing] one', '[slow] two', '[failing] one', ...cancelled]);
		expect(itemsOf(retried, 'RunComfy')[0].json.request_id).toBe(ids()[2]);
	});
});

describe('Maximum Requests', () => {
	const rows = (count: number) => ideas(...Array.from({ length: count }, (_, row) => `${row}`));

	it.each(['generate', 'submit'])(
		'%s with more than 100 items costs nothing',
		async (operation) => {
			const run = await world.run(rows(101), { operation });
			expect(errorOf(run).message).toMatch(
				/would submit 101 requests.*Maximum Requests is 100: raise/,
			);
			expect(world.emulator.count('submit')).toBe(0);
			expect((await world.run(rows(100), { operation: 'submit' })).status).toBe('success');
			expect(world.emulator.paidPosts).toBe(100);
		},
	);

	it('is an option, and where the node continues every item says so', async () => {
		const options = { maximumRequests: 2 };
		const items = await world.run(rows(3), { options }, { onError: 'continueRegularOutput' });
		const said = itemsOf(items, 'Kling Video').map(({ json }) => json.error);
		expect(said).toEqual(Array(3).fill(expect.stringContaining('would submit 3 requests')));
		expect(world.emulator.count('submit')).toBe(0);
		const run = await world.run(rows(101), {
			operation: 'submit',
			options: { maximumRequests: 101 },
		});
		expect(run.status).toBe('success');
	});

	it.each([0, 1.5, -1, 'many'])('is no %s', async (maximumRequests) => {
		const run = await world.run(rows(1), { options: { maximumRequests } });
		expect(errorOf(run).message).toContain('Maximum Requests must be a whole number of at least 1');
		expect(world.emulator.count('submit')).toBe(0);
	});

	it('does not count what an earlier try has submitted', async () => {
		const before = await failed();
		const items = before.data.executionData?.nodeExecutionStack[0]?.data.main[0] ?? [];
		items.push({ json: { prompt: 'three' } });
		const run = await world.engine.retry(workflow({ options: { maximumRequests: 1 } }), before);
		expect(run.status).toBe('success');
		expect(world.emulator.paidPosts).toBe(3);
	});

	it('does not count what is only collected', async () => {
		await world.run(rows(3), { operation: 'submit' });
		const items = ids().map(itemOf);
		const options = { maximumRequests: 1 };
		const run = await world.run(items, { operation: 'getStatus', options });
		expect(run.status).toBe('success');
	});
});
