import type { INode } from 'n8n-workflow';
import { RunComfyEmulator } from '../../emulator/RunComfyEmulator';
import { json } from '../../emulator/http';
import { klingWorkflow, ideas } from '../klingWorkflow';
import { createWorld, errorOf, kindOf, videosOf, type World } from '../world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const retryOnFail: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

/** Lets the first calls of an endpoint fail for good, as after an API outage. */
function failFirst(endpoint: string, times: number): void {
	let failed = 0;
	world.emulator.chooseFault = (call) =>
		call.endpoint === endpoint && failed++ < times ? 'forbidden' : undefined;
}

describe('promise 2: Retry On Fail and Retry of an execution do not pay again', () => {
	it('Retry On Fail picks up the request of the try that failed', async () => {
		failFirst('result', 2);
		const run = await world.run(['a boat'], {}, retryOnFail);
		expect(run.status).toBe('success');
		expect(videosOf(run)[0].binary?.data.mimeType).toBe('video/mp4');
		expect(world.emulator.count('submit')).toBe(1);
		expect(world.engine.log.filter((line) => line.includes('picked up again'))).toHaveLength(2);
	});

	it('Retry On Fail after the maximum wait goes on waiting for the same request', async () => {
		const run = await world.run(
			['[slow] a boat'],
			{ options: { maximumWaitMinutes: 1.5 } },
			retryOnFail,
		);
		expect(run.status).toBe('success');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('items that had finished in the first try are not paid again either', async () => {
		failFirst('result', 1);
		const run = await world.run(['one', 'two', 'three'], {}, retryOnFail);
		expect(run.status).toBe('success');
		expect(videosOf(run).map(({ json }) => json.request_id)).toEqual([
			...world.emulator.requests.keys(),
		]);
		expect(world.emulator.count('submit')).toBe(3);
	});

	it('Retry from the Executions list picks up the request of the failed execution', async () => {
		failFirst('result', 1);
		const workflow = klingWorkflow();
		const failed = await world.engine.run(workflow, ideas('one', 'two'));
		expect(failed.status).toBe('error');
		const run = await world.engine.retry(workflow, failed);
		expect(run.status).toBe('success');
		expect(videosOf(run)).toHaveLength(2);
		expect(world.emulator.paidPosts).toBe(2);
		expect(world.emulator.count('submit')).toBe(2);
	});

	it('a request whose answer was lost is not sent again by either', async () => {
		const workflow = klingWorkflow({}, retryOnFail);
		const failed = await world.engine.run(workflow, ideas('[lostAnswer] a boat'));
		expect(kindOf(failed)).toBe('outcomeUnknown');
		const again = await world.engine.retry(workflow, failed);
		expect(kindOf(again)).toBe('outcomeUnknown');
		expect(world.emulator.count('submit')).toBe(1);
	});

	it('an item that reports its error in json does not make n8n pay again', async () => {
		const run = await world.run(
			['[failing] one', 'two', '[lostAnswer] three'],
			{},
			{ ...retryOnFail, onError: 'continueRegularOutput' },
		);
		const reasons = videosOf(run).map(({ json }) => (json.details as { reason: string })?.reason);
		expect(reasons).toEqual(['failed', undefined, 'outcomeUnknown']);
		expect(world.emulator.count('submit')).toBe(3);
		expect(world.emulator.paidPosts).toBe(3);
	});

	it('an item that failed on the error output does not make n8n pay again', async () => {
		await world.run(['[failing] one'], {}, { ...retryOnFail, onError: 'continueErrorOutput' });
		expect(world.emulator.count('submit')).toBe(1);
	});

	it('a request that is known to have failed is a new request for the next try', async () => {
		const run = await world.run(['[failing] one', 'two'], {}, retryOnFail);
		expect(run.status).toBe('error');
		const prompts = [...world.emulator.requests.values()].map(({ input }) => input.prompt);
		expect(prompts.filter((prompt) => prompt === '[failing] one')).toHaveLength(3);
		expect(prompts.filter((prompt) => prompt === 'two')).toHaveLength(1);
	});

	it('a request that is known to have been cancelled is a new request for the next try', async () => {
		await world.run(['[cancelled] one'], {}, { ...retryOnFail, maxTries: 2 });
		expect(world.emulator.count('submit')).toBe(2);
	});

	it('the operation Submit gives the kept answer and pays once', async () => {
		let submits = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && ++submits === 2 ? 'rejected' : undefined;
		const run = await world.run(['one', 'two'], { operation: 'submit' }, retryOnFail);
		expect(videosOf(run).map(({ json }) => json.request_id)).toEqual([
			...world.emulator.requests.keys(),
		]);
		expect(world.emulator.paidPosts).toBe(2);
	});

	it.each<[string, Partial<INode>]>([
		['stops', {}],
		['continues', { onError: 'continueRegularOutput' }],
		['continues on the error output', { onError: 'continueErrorOutput' }],
	])(
		'a prompt that changes with every try is paid once a row when the node %s',
		async (_, more) => {
			const changing = "={{ $json.prompt + ' ' + $now.toMillis() + Math.random() }}";
			failFirst('result', 2);
			const rows = ['one', 'two', 'three'];
			await world.run(rows, { prompt: changing }, { ...retryOnFail, ...more });
			expect(world.emulator.paidPosts).toBe(3);
			expect(world.emulator.count('submit')).toBe(3);
		},
	);

	it('a prompt that changes with the execution is paid once by Retry from the Executions list', async () => {
		failFirst('result', 1);
		const workflow = klingWorkflow({ prompt: '={{ $json.prompt + $execution.id }}' });
		const failed = await world.engine.run(workflow, ideas('one', 'two'));
		expect(failed.status).toBe('error');
		const run = await world.engine.retry(workflow, failed);
		expect(videosOf(run)).toHaveLength(2);
		expect(world.emulator.paidPosts).toBe(2);
	});

	it('what the user has edited is a new request, and does not lose the old one', async () => {
		const patient = { options: { maximumWaitMinutes: 1 } };
		const workflow = klingWorkflow({ ...patient, prompt: '[slow] one' });
		const failed = await world.engine.run(workflow, ideas('a row'));
		const edited = await world.engine.retry(
			klingWorkflow({ ...patient, prompt: '[slow] two' }),
			failed,
		);
		expect(edited.status).toBe('error');
		const back = klingWorkflow({ prompt: '[slow] one' });
		const run = await world.engine.retry(back, edited);
		const [first, second, ...more] = world.emulator.requests.values();
		expect([first.input.prompt, second.input.prompt]).toEqual(['[slow] one', '[slow] two']);
		expect(more).toEqual([]);
		expect(videosOf(run)[0].json.request_id).toBe(first.requestId);
	});

	it('other options are the same request: a longer wait collects it', async () => {
		const workflow = klingWorkflow({ options: { maximumWaitMinutes: 1 } });
		const failed = await world.engine.run(workflow, ideas('[slow] a boat'));
		const run = await world.engine.retry(klingWorkflow(), failed);
		expect(videosOf(run)).toHaveLength(1);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it.each([
		['generate', 'cancelled'],
		['submit', 'cancelled'],
		['generate', 'failed'],
	] as const)('%s submits again in the next try what was %s meanwhile', async (operation, how) => {
		let submits = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && ++submits === 3 ? 'rejected' : undefined;
		const workflow = klingWorkflow({ operation });
		const failed = await world.engine.run(workflow, ideas('[slow] one', '[slow] two', 'three'));
		expect(failed.status).toBe('error');
		const [one] = world.emulator.requests.values();
		if (how === 'cancelled') one.cancelledAt = one.createdAt;
		else one.scenario = { ...one.scenario, queuedMs: 0, runMs: 0, ends: 'failed' };

		const run = await world.engine.retry(workflow, failed);
		expect(run.status).toBe('success');
		const prompts = [...world.emulator.requests.values()].map(({ input }) => input.prompt);
		expect(prompts.sort()).toEqual(['[slow] one', '[slow] one', '[slow] two', 'three']);
		expect(videosOf(run)[0].json.request_id).not.toBe(one.requestId);
	});

	it('a file that an earlier try has downloaded is given again, and not downloaded twice', async () => {
		let failed = false;
		world.emulator.chooseFault = ({ endpoint }) => {
			if (failed || endpoint !== 'result' || world.emulator.count('media') < 2) return undefined;
			failed = true;
			return 'forbidden';
		};
		const run = await world.run(['one', 'two', '[slow] three'], {}, retryOnFail);
		const items = videosOf(run);
		expect(items.map(({ json }) => json.request_id)).toEqual([...world.emulator.requests.keys()]);
		expect(world.emulator.count('media')).toBe(3);
		for (const { binary } of items) {
			expect(await world.engine.binary(binary?.data)).toEqual(RunComfyEmulator.file('16:9'));
		}
	});

	it('a retried execution has files of its own', async () => {
		let refused = false;
		world.emulator.chooseFault = ({ endpoint }) => {
			if (refused || endpoint !== 'result' || world.emulator.count('media') < 1) return undefined;
			refused = true;
			return 'forbidden';
		};
		const workflow = klingWorkflow();
		const failed = await world.engine.run(workflow, ideas('one', '[slow] two'));
		expect(world.emulator.count('media')).toBe(1);
		const run = await world.engine.retry(workflow, failed);
		expect(videosOf(run)).toHaveLength(2);
		expect(world.emulator.count('media')).toBe(3);
		expect(world.emulator.paidPosts).toBe(2);
	});

	it('nothing is kept of what was handed over', async () => {
		const run = await world.run(['one', 'two']);
		expect(run.data.executionData?.contextData).toEqual({
			'node:Kling Video': { runcomfyRequests: [] },
		});
	});

	it('another run of the node in the same execution is a new request', async () => {
		const workflow = klingWorkflow();
		const place = { typeVersion: 1, position: [0, 0] as [number, number], parameters: {} };
		workflow.nodes.push({ ...place, id: '5', name: 'Again', type: 'n8n-nodes-base.noOp' });
		const to = (node: string) => ({ node, type: 'main' as const, index: 0 });
		workflow.connections.Ideas = { main: [[to('Kling Video'), to('Again')]] };
		workflow.connections.Again = { main: [[to('Kling Video')]] };
		const run = await world.engine.run(workflow, ideas('a boat'));
		expect(run.data.resultData.runData['Kling Video']).toHaveLength(2);
		expect(world.emulator.paidPosts).toBe(2);
	});

	it('a new execution is a new request', async () => {
		await world.run(['a boat']);
		await world.run(['a boat']);
		expect(world.emulator.paidPosts).toBe(2);
	});

	it.each([400, 409])('a result that is refused with %i a moment after the end', async (status) => {
		world.emulator.respond = ({ endpoint, requestId = '' }, usual) => {
			const { createdAt = 0 } = world.emulator.requests.get(requestId) ?? {};
			const isEarly = Date.now() - createdAt < 3_000;
			return endpoint === 'result' && isEarly ? json(status, { detail: 'not there yet' }) : usual();
		};
		const run = await world.run(['a boat'], {}, retryOnFail);
		expect(videosOf(run)).toHaveLength(1);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('the execution and the log keep no prompt that an error quotes', async () => {
		const prompt = 'a very private boat on a lake';
		world.emulator.respond = ({ endpoint }, usual) => {
			const answer = usual();
			return endpoint === 'submit' ? json(500, { error: `no luck with ${prompt}` }) : answer;
		};
		const lost = await world.run([prompt]);
		expect(errorOf(lost).description).toContain('no luck with');
		expect(JSON.stringify(lost.data.executionData?.contextData)).not.toContain('private boat');
		expect(world.engine.log.filter((line) => line.includes('RunComfy: ')).join()).not.toContain(
			'private boat',
		);
		const wrong = klingWorkflow({ options: { maximumWaitMinutes: -1 } });
		const { description } = errorOf(await world.engine.retry(wrong, lost));
		expect(description).toContain('no luck with');
		expect(description).not.toContain('private boat');
	});

	it('the execution keeps the id and no prompt', async () => {
		failFirst('result', 1);
		const run = await world.run(['a very private boat']);
		const kept = JSON.stringify(run.data.executionData?.contextData);
		expect(kept).toContain([...world.emulator.requests.keys()][0]);
		expect(kept).not.toContain('private');
	});
});
