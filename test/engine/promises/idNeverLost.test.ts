import type { INode } from 'n8n-workflow';
import type { FaultName } from '../../emulator/faults';
import { itemsOf } from '../../fixtures/workflows';
import { ideas, klingWorkflow } from '../klingWorkflow';
import { requestsOf, runOf } from '../logRecipe';
import { pass, until } from '../virtualTime';
import { isDeployment, itemOf, made, named, target } from '../nodeUnderTest';
import { createWorld, errorOf, kindOf, videosOf, type World } from '../world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const always =
	(endpoint: string, fault: FaultName) =>
	(call: { endpoint: string }): FaultName | undefined =>
		call.endpoint === endpoint ? fault : undefined;

/** Ways in which a run ends after the id is known. */
const ENDS: Array<[string, string, Parameters<typeof always> | undefined, object]> = [
	['a timeout', '[endless] a boat', undefined, { maximumWaitMinutes: 0.2 }],
	['a dead network', 'a boat', ['result', 'resetBefore'], { maximumWaitMinutes: 0.5 }],
	['HTML instead of JSON', 'a boat', ['result', 'html200'], { maximumWaitMinutes: 0.5 }],
	['a refused token', 'a boat', ['result', 'unauthorized'], {}],
	['an unknown request', 'a boat', ['result', 'notFound'], {}],
	['a failed run', '[failing] a boat', undefined, {}],
	['a cancelled run', '[cancelled] a boat', undefined, {}],
	['an output without a file', '[nothing] a boat', undefined, {}],
	['a download that fails', '[truncatedForever] a boat', undefined, {}],
	['a download that is refused', 'a boat', ['media', 'redirect'], {}],
	['a file that is too large', 'a boat', undefined, { maximumFileSizeMb: 0.01 }],
];

describe('promise 3: an id is never lost', () => {
	it('is in the log at info level from the moment it is known', async () => {
		const execution = world.start(['[endless] a boat']);
		await until(() => world.emulator.paidPosts === 1);
		await pass(1);
		const [id] = world.emulator.requests.keys();
		expect(world.engine.log).toContainEqual(
			expect.stringMatching(
				`^info: RunComfy: execution .+, "Kling Video", run 0, item 0: request ${id} is submitted$`,
			),
		);
		execution.stop();
		await execution.finished;
	});

	// A deployment that gives no file has found everything as it was before, which is no error.
	const ends = ENDS.filter(([how]) => !isDeployment || how !== 'an output without a file');
	describe.each(ends)('after %s', (_, prompt, fault, options) => {
		const run = async (settings?: Partial<INode>) => {
			if (fault) world.emulator.chooseFault = always(...fault);
			return await world.run([prompt], { options: options as never }, settings);
		};
		const id = () => [...world.emulator.requests.keys()][0];

		it('it is in the error', async () => {
			const { description } = errorOf(await run());
			expect(description).toContain(`Request ID: ${id()}`);
			expect(world.emulator.paidPosts).toBe(1);
		});

		it('it is in the item on the regular output', async () => {
			const [{ json }] = videosOf(await run({ onError: 'continueRegularOutput' }));
			expect(json.request_id).toBe(id());
			expect(json.details).toMatchObject({ request_id: id() });
		});

		it('it is in the item on the error output, and nothing is on the other', async () => {
			const ended = await run({ onError: 'continueErrorOutput' });
			expect(itemsOf(ended, 'Videos')).toEqual([]);
			expect(itemsOf(ended, 'Failures')[0].json.details).toMatchObject({ request_id: id() });
		});
	});

	it('an error says which operation picks the request up', async () => {
		const run = await world.run(['[endless] a boat'], { options: { maximumWaitMinutes: 0.2 } });
		expect(errorOf(run).message).toBe(`The ${made} was not ready within 12 seconds`);
		expect(errorOf(run).description).toMatch(/Get Request Result[\s\S]*Request ID/);
		expect(errorOf(run).description).toContain('Last status: in_progress');
	});

	it('the error of a failed item has the ids of the items that had gone on', async () => {
		const run = await world.run(['[slow] one', '[slow] two', '[failing] three']);
		const ids = [...world.emulator.requests.keys()];
		const { message, description } = errorOf(run);
		expect(message).toBe(`RunComfy couldn't generate the ${made}: content policy`);
		expect(description).toContain(`Request ID: ${ids[2]}`);
		expect(description).toContain(`Other requests of this run: ${named(ids[0], ids[1])}`);
		expect(world.emulator.count('cancel')).toBe(0);
	});

	describe('an item that fails while the POST of another is under way', () => {
		/** Refuses the second item, and hits the third one's POST, answered five seconds later, by a fault. */
		const failing = async (fault: FaultName) => {
			const faults = [undefined, 'rejected', fault] as const;
			world.emulator.chooseFault = ({ endpoint }) =>
				endpoint === 'submit' ? faults[world.emulator.count('submit') - 1] : undefined;
			world.emulator.delay = (call) => (call.fault === fault ? 5_000 : 0);
			return errorOf(await world.run(['[slow] one', 'two', '[slow] three'])).description;
		};

		it('names the request that an error has named', async () => {
			const description = await failing('idIn500');
			const [one, three] = world.emulator.requests.keys();
			expect(description).toContain(`Other requests of this run: ${named(one, three)}`);
		});

		it('says of one whose answer was lost that its outcome is unknown', async () => {
			const description = await failing('resetAfter');
			expect(description).toContain('Replies were also lost for item 2');
		});
	});

	it('an error does not say that a retry picks up what is known to have failed', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && world.emulator.count('submit') === 3 ? 'rejected' : undefined;
		const workflow = klingWorkflow();
		const failed = await world.engine.run(workflow, ideas('[slow] one', '[slow] two', 'three'));
		const [one, two] = world.emulator.requests.values();
		one.scenario = { ...one.scenario, queuedMs: 0, runMs: 0, ends: 'failed' };
		world.emulator.refusal = 'not today';
		world.emulator.delay = ({ endpoint }) => (endpoint === 'submit' ? 1_000 : 0);
		const { description } = errorOf(await world.engine.retry(workflow, failed));
		expect(description).toContain(two.requestId);
		expect(description).not.toContain(one.requestId);
	});

	it('the error of a try that ends early has the ids of an earlier try', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && world.emulator.count('submit') === 1 ? 'hangBefore' : undefined;
		const run = await world.run(
			['one', 'two', '[slow] three'],
			{ options: { maximumConcurrency: 2 } },
			{ retryOnFail: true, waitBetweenTries: 1 },
		);
		const [two, three] = world.emulator.requests.keys();
		expect(kindOf(run)).toBe('outcomeUnknown');
		expect(errorOf(run).description).toContain(named(two, three));
	});

	it.each(['noBalance', 'noBalance200', 'unauthorized'] as const)(
		'%s on a read does not say that nothing was started, but how to collect it',
		async (fault) => {
			world.emulator.chooseFault = always('result', fault);
			const { description } = errorOf(await world.run(['a boat']));
			expect(description).not.toContain('Nothing was started');
			expect(description).toContain('Get Request Result');
		},
	);

	it.each(['rejected', 'json500', 'page403', 'resetAfter'] as const)(
		'nothing more is submitted when the first submit meets %s',
		async (fault) => {
			world.emulator.chooseFault = always('submit', fault);
			await world.run(['one', 'two', 'three']);
			expect(world.emulator.count('submit')).toBe(1);
		},
	);

	const shown = (run: { data: { resultData: { metadata?: Record<string, string> } } }) =>
		Object.values(run.data.resultData.metadata ?? {}).flatMap((value) => value.split(' '));

	it.each([
		['an error', ['one', '[failing] two'], {}],
		['an error item', ['one', '[failing] two'], { onError: 'continueRegularOutput' }],
		['success', ['one', 'two'], {}],
	] as const)(
		'it is in the custom data that n8n shows with the execution, after %s',
		async (...given) => {
			const [, prompts, settings] = given;
			const run = await world.run([...prompts], {}, settings);
			expect(shown(run)).toEqual([...world.emulator.requests.keys()]);
		},
	);

	it('it is in the custom data after a Stop and an execution timeout', async () => {
		const execution = world.start(['[slow] one', '[slow] two']);
		await until(() => world.emulator.paidPosts === 2);
		await pass(1_000);
		execution.stop();
		await execution.finished;
		const data = execution.saved();
		expect(data && shown({ data })).toEqual([...world.emulator.requests.keys()]);
	});

	it('custom data takes as many as n8n has room for, and leaves some to other nodes', async () => {
		const many = Array.from({ length: 60 }, (_, row) => `${row}`);
		const run = await world.run(many, { operation: 'submit' });
		const { metadata = {} } = run.data.resultData;
		expect(Object.keys(metadata)).toHaveLength(4);
		expect(shown(run)).toEqual([...world.emulator.requests.keys()].slice(0, 24));
		expect(world.engine.log.filter((line) => line.includes('Custom data'))).toEqual([]);
	});

	it('nothing more is submitted once an item has failed and nothing catches it', async () => {
		const run = await world.run(['[failing] one', 'two', 'three'], {
			options: { maximumConcurrency: 1 },
		});
		expect(run.status).toBe('error');
		expect(world.emulator.paidPosts).toBe(1);
	});
});

describe('promise 3: the log alone finds every request again', () => {
	const ids = () => [...world.emulator.requests.keys()];
	/** The lines that the node writes, and not n8n about it. */
	const own = () => world.engine.log.filter((line) => /^\w+: RunComfy/.test(line));
	const handedOver = () => own().filter((line) => line.includes('the output is handed over'));
	const idOf = (prompt: string) =>
		[...world.emulator.requests.values()].find(({ input }) => input.prompt === prompt)?.requestId;

	/** Runs the node twice in one execution, the second time behind a node of its own. */
	function loop(): ReturnType<typeof klingWorkflow> {
		const workflow = klingWorkflow();
		const place = { typeVersion: 1, position: [0, 0] as [number, number], parameters: {} };
		workflow.nodes.push({ ...place, id: '5', name: 'Again', type: 'n8n-nodes-base.noOp' });
		const to = (node: string) => ({ node, type: 'main' as const, index: 0 });
		workflow.connections.Ideas = { main: [[to('Kling Video'), to('Again')]] };
		workflow.connections.Again = { main: [[to('Kling Video')]] };
		return workflow;
	}

	it('every line names execution, node and run, and the item unless it is about all of them', async () => {
		const prompts = ['[dropping] one', '[videos] two', '[failing] three', '[lostAnswer] four'];
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
		const executions = [
			world.start(prompts, {}, settings),
			world.start(
				[...prompts, '[noBalance] five'],
				{},
				{ ...settings, onError: 'continueRegularOutput' },
			),
			world.start(['[queued] five', 'six', '[unknownStatus] seven']),
		];
		await until(() => own().some((line) => line.includes(`${idOf('six')} is completed`)));
		executions[2].stop();
		await Promise.all(executions.map(async ({ finished }) => await finished));
		await pass(60_000);

		const expected = executions.map(({ id }) => `RunComfy: execution ${id}, "Kling Video", run 0`);
		for (const line of own()) {
			const [, origin, item, message] = /^\w+: (.+?run \d+)(, item \d)?: (.+)$/.exec(line) ?? [];
			expect(expected).toContain(origin);
			expect([line, item === undefined]).toEqual([line, /the output/.test(message)]);
		}
		for (const word of [
			'picked up',
			'downloading',
			'unknown',
			'not submitted',
			'stopped. Request',
		]) {
			expect(own().filter((line) => line.includes(word))).not.toEqual([]);
		}
		const n8ns = world.engine.log.filter((line) => !own().includes(line));
		expect(n8ns.filter((line) => line.startsWith('info') || line.startsWith('warn'))).toEqual([]);
	});

	it('every item is in it before its POST', async () => {
		const lines = () => own().filter((line) => line.includes(`submitting to ${target}`));
		const seen: number[] = [];
		world.emulator.onCall = ({ endpoint }) => {
			if (endpoint === 'submit') seen.push(lines().length);
		};
		await world.run(['one', 'two', 'three']);
		expect(seen).toHaveLength(3);
		expect(seen.every((count, posts) => count > posts)).toBe(true);
		expect(lines()).toEqual(
			[0, 1, 2].map((item) => expect.stringMatching(`^info: .*run 0, item ${item}: submitting`)),
		);
	});

	it('the output is handed over after the last download, and not before', async () => {
		const soFar = new Set<number>();
		world.emulator.onCall = () => void soFar.add(handedOver().length);
		await world.run(['[truncated] one', '[videos] two']);
		expect(world.emulator.count('media')).toBe(5);
		expect([...soFar]).toEqual([0]);
		expect(handedOver()).toHaveLength(1);
		expect(own().at(-1)).toBe(handedOver()[0]);
	});

	it.each([
		['[endless] two', { maximumWaitMinutes: 1 }],
		['[failing] two', {}],
		['[truncatedForever] two', {}],
		['[lostAnswer] two', {}],
		['[noBalance] two', {}],
	])('no output is handed over after %s, unless the node continues', async (prompt, options) => {
		await world.run(['one', prompt], { options });
		expect(handedOver()).toEqual([]);
		await world.run(['one', prompt], { options }, { onError: 'continueErrorOutput' });
		expect(handedOver()).toHaveLength(1);
	});

	it('each run of a loop is handed over by itself', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'result' && world.emulator.requests.size > 2 ? 'forbidden' : undefined;
		const execution = world.engine.start(loop(), ideas('one', '[slow] two'));
		await execution.finished;
		expect(handedOver().map((line) => runOf(line)?.run)).toEqual(['0']);
		expect(requestsOf(world.engine.log, execution.id)).toEqual(ids());

		world.emulator.chooseFault = undefined;
		const whole = world.engine.start(loop(), ideas('one'));
		await whole.finished;
		const runs = handedOver().map(runOf);
		expect(runs.filter((run) => run?.execution === whole.id).map((run) => run?.run)).toEqual([
			'0',
			'1',
		]);
		expect(requestsOf(world.engine.log, whole.id)).toEqual(ids().slice(-2));
	});

	it('the recipe finds what a killed n8n has lost, finished or not, and nothing of other executions', async () => {
		const done = world.start(['done']);
		await done.finished;
		const prompts = ['one', '[slow] two', '[endless] three', '[truncatedForever] four'];
		// A killed n8n cancels nothing either.
		const killed = world.start(prompts, { options: { cancelOnStop: false } });
		await until(() => own().some((line) => line.includes(`${idOf('one')} is completed`)));
		const whatIsLeft = [...world.engine.log];
		expect(requestsOf(whatIsLeft, killed.id)).toEqual(ids().slice(1));
		expect(requestsOf(whatIsLeft, done.id)).toEqual(ids().slice(0, 1));
		killed.stop();
		await killed.finished;

		const items = ids().slice(1).map(itemOf);
		const run = await world.run(
			items,
			{ operation: 'getResult', waitForCompletion: true, options: { maximumWaitMinutes: 5 } },
			{ onError: 'continueRegularOutput' },
		);
		expect(videosOf(run).map(({ json }) => json.request_id)).toEqual(ids().slice(1));
		expect(videosOf(run).map(({ binary }) => binary !== undefined)).toEqual([
			true,
			true,
			false,
			false,
		]);
		expect(world.emulator.paidPosts).toBe(5);
	});

	it.each([
		['a failure', {}, '[failing] three'],
		['a Stop', {}, '[endless] three'],
		['a Stop of a node that continues', { onError: 'continueRegularOutput' }, '[endless] three'],
	] as const)('the recipe finds what %s has left', async (_, settings, prompt) => {
		const execution = world.start(['one', '[slow] two', prompt], {}, settings);
		await until(() => own().some((line) => /is completed|is failed/.test(line)));
		await pass(1_000);
		execution.stop();
		await execution.finished;
		expect(ids()).toHaveLength(3);
		expect(requestsOf(world.engine.log, execution.id)).toEqual(ids());
	});

	it('the recipe finds what a Stop before the next try has lost: n8n drops an output whose first item failed', async () => {
		const settings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 5_000 };
		const execution = world.start(
			['[failing] one', 'two'],
			{},
			{ ...settings, onError: 'continueRegularOutput' },
		);
		await until(() => own().some((line) => line.includes(`${idOf('two')} is completed`)));
		await pass(1_000);
		execution.stop();
		const run = await execution.finished;
		expect(videosOf(run)).toEqual([]);
		expect(requestsOf(world.engine.log, execution.id)).toEqual(ids());
	});

	it('the recipe finds what was handed over too, once: n8n may be killed before it saves it', async () => {
		let results = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'result' && ++results === 1 ? 'forbidden' : undefined;
		const execution = world.start(['one', 'two'], {}, { retryOnFail: true, waitBetweenTries: 1 });
		await execution.finished;
		expect(own().some((line) => line.includes('picked up'))).toBe(true);
		expect(own().at(-1)).toContain('is handed over');
		expect(requestsOf(world.engine.log, execution.id)).toEqual(ids());
	});

	it('the recipe finds what a killed Retry has picked up from the execution before it', async () => {
		const json = klingWorkflow({ options: { maximumWaitMinutes: 1 } });
		const failed = await world.engine.run(json, ideas('one', '[slow] two'));
		const retried = world.engine.startRetry(klingWorkflow(), failed);
		await retried.finished;
		expect(requestsOf(world.engine.log, retried.id)).toEqual(ids());
	});

	it('executions to which n8n gives no id have one of their own', async () => {
		const prompts = ['[failing] one', 'two'];
		const settings: Partial<INode> = { retryOnFail: true, onError: 'continueRegularOutput' };
		for (const workflow of [klingWorkflow({}, settings), klingWorkflow()]) {
			await world.engine.start(workflow, ideas(...prompts), { withoutId: true }).finished;
		}
		const origins = new Set(own().map((line) => runOf(line)?.execution));
		expect(origins.size).toBe(2);
		for (const origin of origins) expect(origin).toMatch(/^no-id-[\w-]{36}$/);
		const found = [...origins].map((origin) => requestsOf(world.engine.log, String(origin)));
		expect(found).toEqual([ids().slice(0, 2), ids().slice(2)]);
	});
});
