import type { INode, INodeParameters } from 'n8n-workflow';
import type { FaultName } from '../../emulator/faults';
import { ideas, klingWorkflow } from '../klingWorkflow';
import { pass, until } from '../virtualTime';
import { itOfModels } from '../itOfModels';
import { isDeployment, target } from '../nodeUnderTest';
import { createWorld, videosOf, type World } from '../world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const told = () => world.engine.log.filter((line) => line.includes('stopped. Request'));

/**
 * Starts the node, stops it ten seconds later, when so many requests are under way, and waits for the
 * last word of each.
 *
 * @returns how long that took, in ms
 */
async function stopAfter(
	prompts: string[],
	submits: number,
	parameters: INodeParameters = {},
	settings: Partial<INode> = {},
): Promise<number> {
	const execution = world.start(prompts, parameters, settings);
	await pass(10_000);
	expect(world.emulator.paidPosts).toBe(submits);
	expect(world.emulator.count('result')).toBeGreaterThan(0);
	const stoppedAt = Date.now();
	execution.stop();
	await execution.finished;
	await until(() => told().length === submits);
	return Date.now() - stoppedAt;
}

describe('promise 5: Stop means stop', () => {
	it('cancels what is still queued, once, and asks nothing any more', async () => {
		await stopAfter(['[queued] a boat'], 1);
		const [request] = world.emulator.requests.values();
		expect(world.emulator.stateOf(request)).toBe('cancelled');
		expect(told()[0]).toContain(
			`item 0: stopped. Request ${request.requestId}: The request is cancelled.`,
		);
		const calls = world.emulator.calls.length;
		await pass(600_000);
		expect(world.emulator.calls).toHaveLength(calls);
		expect(world.emulator.count('cancel')).toBe(1);
		expect(world.emulator.paidPosts).toBe(1);
	});

	itOfModels('says of a running request that it will finish and be charged', async () => {
		await stopAfter(['[endless] a boat'], 1);
		expect(told()[0]).toContain(
			'The request is already running and can no longer be cancelled. It will finish and be charged.',
		);
	});

	it('stops all items at once and submits no further one', async () => {
		const prompts = Array.from({ length: 30 }, (_, row) => `[queued] idea ${row}`);
		await stopAfter(prompts, 20);
		await pass(600_000);
		expect(world.emulator.count('submit')).toBe(20);
		expect(world.emulator.count('cancel')).toBe(20);
	});

	it('a try that Retry On Fail starts after a Stop does nothing', async () => {
		await stopAfter(
			['[queued] a boat'],
			1,
			{},
			{ retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
		);
		await pass(600_000);
		expect(world.emulator.count('submit')).toBe(1);
		expect(world.emulator.count('cancel')).toBe(1);
	});

	it('leaves the request alone when the option says so', async () => {
		await stopAfter(['[queued] a boat'], 1, { options: { cancelOnStop: false } });
		expect(world.emulator.count('cancel')).toBe(0);
		expect(told()[0]).toContain("'Cancel on Stop' is off");
	});

	it('learns the id of a request that is being submitted, and cancels it', async () => {
		world.emulator.delay = ({ endpoint }) => (endpoint === 'submit' ? 3_000 : 0);
		const execution = world.start(['[queued] a boat', '[queued] another']);
		await pass(1_000);
		execution.stop();
		await execution.finished;
		await until(() => told().length === 1);
		const [request] = world.emulator.requests.values();
		expect(world.emulator.stateOf(request)).toBe('cancelled');
		expect(world.emulator.count('submit')).toBe(1);
	});

	it.each([
		[400, 20],
		[20, 2],
		[3, 0.1],
		[3, 1 / 90, '90'],
	])(
		'cancels all of %i although only %d calls a second are allowed',
		async (items, aSecond, retryAfter = '3') => {
			world.emulator.retryAfter = retryAfter;
			const calls: number[] = [];
			world.emulator.chooseFault = ({ endpoint }) => {
				if (endpoint !== 'cancel') return undefined;
				const lately = calls.filter((at) => Date.now() - at < Math.max(1_000, 1_000 / aSecond));
				if (lately.length >= Math.max(1, aSecond)) return 'throttled';
				calls.push(Date.now());
				return undefined;
			};
			const prompts = Array.from({ length: items }, (_, row) => `[queued] idea ${row}`);
			const options = { maximumConcurrency: items, maximumRequests: items };
			const execution = world.start(prompts, { options });
			await until(() => world.emulator.paidPosts === items);
			await pass(1);
			execution.stop();
			await execution.finished;
			await until(() => told().length === items);
			expect(told().filter((line) => line.includes('The request is cancelled'))).toHaveLength(
				items,
			);
			const states = [...world.emulator.requests.values()].map((one) =>
				world.emulator.stateOf(one),
			);
			expect(new Set(states)).toEqual(new Set(['cancelled']));
			expect(world.emulator.calls.some(({ fault }) => fault === 'throttled')).toBe(true);
		},
	);

	it.each([429, 503])('cancels when a server that answers with %i says when', async (status) => {
		let refused = false;
		world.emulator.respond = ({ endpoint }, usual) => {
			if (endpoint !== 'cancel' || refused) return usual();
			refused = true;
			return { status, headers: { 'retry-after': '45' }, body: '{"message": "busy"}' };
		};
		const tookMs = await stopAfter(['[queued] a boat'], 1);
		expect(tookMs).toBeGreaterThanOrEqual(45_000);
		expect(tookMs).toBeLessThan(60_000);
		expect(told()[0]).toContain('is cancelled');
	});

	it.each<[FaultName, number, string]>([
		['hangBefore', 30_000, 'could not be confirmed'],
		['html502', 1_000, 'could not be confirmed'],
		['unauthorized', 0, 'could not be confirmed'],
		['rejected', 0, 'RunComfy did not cancel the request: it is still queued'],
	])('is bounded to half a minute when the cancel meets %s', async (fault, leastMs, words) => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'cancel' ? fault : undefined);
		const tookMs = await stopAfter(['[queued] a boat'], 1);
		expect(tookMs).toBeGreaterThanOrEqual(leastMs);
		expect(tookMs).toBeLessThanOrEqual(30_000);
		expect(told()[0]).toContain(words);
		const [request] = world.emulator.requests.values();
		expect(told()[0]).toContain(request.requestId);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('stops a download', async () => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'media' ? 'stall' : undefined);
		const execution = world.start(['a boat']);
		await until(() => world.emulator.count('media') === 1);
		await pass(10_000);
		execution.stop();
		await execution.finished;
		await pass(600_000);
		expect(world.emulator.count('media')).toBe(1);
		expect(world.emulator.count('cancel')).toBe(0);
	});

	it('cancels what Submit has submitted so far', async () => {
		world.emulator.delay = ({ endpoint }) => (endpoint === 'submit' ? 3_000 : 0);
		const execution = world.start(['[queued] one', '[queued] two', '[queued] three'], {
			operation: 'submit',
		});
		await pass(4_000);
		execution.stop();
		await execution.finished;
		const submitted = world.emulator.count('submit');
		await until(() => told().length === submitted);
		await pass(60_000);
		expect(world.emulator.count('submit')).toBe(submitted);
		expect(world.emulator.count('cancel')).toBe(submitted);
	});

	it('cancels the other requests at once while one POST gets no answer', async () => {
		world.emulator.delay = ({ endpoint }) =>
			endpoint === 'submit' && world.emulator.count('submit') === 3 ? 55_000 : 0;
		const execution = world.start(['[queued] one', '[queued] two', '[queued] three']);
		await until(() => world.emulator.count('submit') === 3);
		await pass(10_000);
		const stoppedAt = Date.now();
		execution.stop();
		await execution.finished;
		await until(() => told().length === 2);
		const cancels = world.emulator.calls.filter(({ endpoint }) => endpoint === 'cancel');
		expect(cancels.map(({ at }) => at - stoppedAt)).toEqual([0, 0]);
		expect(told().every((line) => line.includes('The request is cancelled'))).toBe(true);
	});

	it('follows a POST that is answered after the grace: it is in the log, cancelled, and said so', async () => {
		world.emulator.delay = ({ endpoint }) => (endpoint === 'submit' ? 30_000 : 0);
		const execution = world.start(['[queued] a boat']);
		await until(() => world.emulator.count('submit') === 1);
		execution.stop();
		await pass(20_000);
		const own = () => world.engine.log.filter((line) => line.includes('RunComfy: '));
		expect(own().map((line) => line.replace(/^(\w+): .* item 0: /, '$1 '))).toEqual([
			`info submitting to ${target}`,
		]);
		await until(() => told().length === 1);
		const [request] = world.emulator.requests.values();
		expect(own().at(-2)).toContain(`request ${request.requestId} is submitted`);
		expect(told()[0]).toContain(`Request ${request.requestId}: The request is cancelled`);
		expect(world.emulator.stateOf(request)).toBe('cancelled');
	});

	it('says in the log when a POST that a Stop has left is never answered', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' ? 'hangAfter' : undefined;
		const execution = world.start(['[queued] a boat']);
		await until(() => world.emulator.count('submit') === 1);
		execution.stop();
		await pass(120_000);
		const warnings = world.engine.log.filter((line) => line.startsWith('warn: RunComfy'));
		expect(warnings).toHaveLength(1);
		expect(warnings[0]).toContain('the outcome of the submit is unknown (ETIMEDOUT)');
	});

	it('between two tries cancels what the first one has left queued', async () => {
		const rows = ['[queued] one', '[queued] two', '[failing] three'];
		const retryOnFail = { retryOnFail: true, maxTries: 2, waitBetweenTries: 5_000 };
		const execution = world.start(rows, {}, retryOnFail);
		await until(() => world.engine.log.some((line) => line.includes('finished with error')));
		await pass(1_000);
		expect(world.emulator.count('cancel')).toBe(0);
		execution.stop();
		await execution.finished;
		await until(() => told().length === 2);
		const states = [...world.emulator.requests.values()].map((request) =>
			world.emulator.stateOf(request),
		);
		expect(states).toEqual(['cancelled', 'cancelled', 'failed']);
		await pass(600_000);
		expect(world.emulator.paidPosts).toBe(3);
		expect(world.emulator.count('cancel')).toBe(2);
	});

	it.each(['generate', 'submit'])(
		'between two tries of a node that continues cancels what %s has left queued',
		async (operation) => {
			world.emulator.chooseFault = ({ endpoint }) =>
				endpoint === 'submit' && world.emulator.count('submit') === 1 ? 'rejected' : undefined;
			const execution = world.start(
				['one', '[queued] two'],
				{ operation, options: { maximumWaitMinutes: 1 } },
				{ onError: 'continueRegularOutput', retryOnFail: true, waitBetweenTries: 5_000 },
			);
			await until(() =>
				world.engine.log.some((line) => line.includes('the first item has an error')),
			);
			await pass(1_000);
			execution.stop();
			await execution.finished;
			await until(() => told().length === 1);
			const [request] = world.emulator.requests.values();
			expect(world.emulator.stateOf(request)).toBe('cancelled');
			expect(told()[0]).toContain(`Request ${request.requestId}: The request is cancelled`);
			expect(world.emulator.count('submit')).toBe(2);
		},
	);

	it('between two tries settles each request once, although there is another try', async () => {
		const rows = ['[endless] one', '[queued] two', '[failing] three'];
		const execution = world.start(rows, {}, { retryOnFail: true, waitBetweenTries: 5_000 });
		await until(() => world.engine.log.some((line) => line.includes('finished with error')));
		await pass(1_000);
		execution.stop();
		await execution.finished;
		await pass(60_000);
		expect(told()).toHaveLength(2);
		expect(world.emulator.count('cancel')).toBe(2);
	});

	it('cancels a request that is only named by the error with which its POST is answered', async () => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'submit' ? 'idIn500' : undefined);
		world.emulator.delay = ({ endpoint }) => (endpoint === 'submit' ? 3_000 : 0);
		const execution = world.start(['[queued] a boat']);
		await until(() => world.emulator.count('submit') === 1);
		execution.stop();
		await execution.finished;
		await until(() => told().length === 1);
		const [request] = world.emulator.requests.values();
		expect(world.emulator.stateOf(request)).toBe('cancelled');
	});

	it('leaves to the next try what a failed one has left, once there is one', async () => {
		let results = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'result' && ++results === 1 ? 'forbidden' : undefined;
		const rows = ['[queued] one', 'two'];
		const execution = world.start(rows, {}, { retryOnFail: true, maxTries: 2 });
		await until(() => world.engine.log.some((line) => line.includes('picked up again')));
		await pass(20_000);
		execution.stop();
		await execution.finished;
		await until(() => told().length === 2);
		expect(world.emulator.count('cancel')).toBe(1);
	});

	it('during the downloads names every request whose output is not handed over', async () => {
		world.emulator.chooseFault = ({ endpoint, requestId }) =>
			endpoint === 'media' && requestId?.startsWith([...world.emulator.requests.keys()][0])
				? 'stall'
				: undefined;
		const execution = world.start(['one', 'two', 'three', '[endless] four']);
		await until(() => world.emulator.count('media') === 3);
		await pass(2_000);
		execution.stop();
		await execution.finished;
		await until(() => told().length === 4);
		const ids = [...world.emulator.requests.keys()];
		const line = (id: string) => told().find((text) => text.includes(id));
		for (const id of ids.slice(0, 3)) {
			expect(line(id)).toContain('had finished, but its output was not passed on');
		}
		expect(line(ids[3])).toContain(isDeployment ? 'is cancelled' : 'already running');
		expect(world.engine.log.some((text) => text.includes('is handed over'))).toBe(false);
	});

	it.each<Partial<INode>>([
		{ onError: 'stopWorkflow' },
		{ onError: 'continueRegularOutput' },
		{ onError: 'continueErrorOutput' },
		{ onError: 'continueRegularOutput', retryOnFail: true },
	])('with %o ends at once, and is what n8n has to run next', async (settings) => {
		world.emulator.delay = ({ endpoint }) => (endpoint === 'cancel' ? 3_000 : 0);
		const execution = world.start(['[endless] one', 'two'], {}, settings);
		await pass(20_000);
		const stoppedAt = Date.now();
		execution.stop();
		const { status, data } = await execution.finished;
		expect(Date.now() - stoppedAt).toBe(0);
		expect(status).toBe('canceled');
		expect(Object.keys(data.resultData.runData)).toEqual(['Ideas']);
		const next = data.executionData?.nodeExecutionStack.map(({ node }) => node.name);
		expect(next).toEqual(['Kling Video']);
		await until(() => told().length === 2);
	});

	itOfModels.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'with %s, then Retry of the execution makes the videos, and pays for none of them again',
		async (onError) => {
			const json = klingWorkflow({}, { onError });
			const execution = world.engine.start(json, ideas('[slow] one', '[slow] two'));
			await pass(20_000);
			execution.stop();
			const stopped = await execution.finished;
			await until(() => told().length === 2);
			const retried = await world.engine.retry(json, stopped);
			expect(videosOf(retried)).toHaveLength(2);
			expect(world.emulator.paidPosts).toBe(2);
		},
	);

	it('never cancels what Get Request Result only collects', async () => {
		const [{ json }] = videosOf(await world.run(['[queued] a boat'], { operation: 'submit' }));
		const execution = world.start([{ json }], { operation: 'getResult', waitForCompletion: true });
		await until(() => world.emulator.count('result') > 1);
		execution.stop();
		await execution.finished;
		await until(() => told().length === 1);
		expect(told()[0]).toContain("'Cancel on Stop' is off");
		expect(world.emulator.count('cancel')).toBe(0);
	});

	it('is never spelled so that n8n reads a status in it', async () => {
		await stopAfter(['[queued] a boat'], 1);
		await world.run(['[cancelled] a boat']);
		expect(world.engine.log.filter((line) => /Kling Video.*canceled/i.test(line))).toEqual([]);
	});
});
