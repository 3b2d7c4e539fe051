import type { INode, INodeParameters } from 'n8n-workflow';
import type { FaultName } from '../../emulator/faults';
import { pass, until } from '../virtualTime';
import { createWorld, type World } from '../world';

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
	expect(world.emulator.count('status')).toBeGreaterThan(0);
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
			`item 0: stopped. Request ${request.requestId}: The request was still queued and is cancelled.`,
		);
		const calls = world.emulator.calls.length;
		await pass(600_000);
		expect(world.emulator.calls).toHaveLength(calls);
		expect(world.emulator.count('cancel')).toBe(1);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('says of a running request that it will finish and be charged', async () => {
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
		expect(told()[0]).toContain('The request was left alone');
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

	it.each<[FaultName, number, string]>([
		['hangBefore', 5_000, 'did not answer it in time'],
		['html502', 1_000, 'did not answer it in time'],
		['rejected', 0, 'The request is still queued although it was asked to be cancelled'],
	])('is bounded to five seconds when the cancel meets %s', async (fault, leastMs, words) => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'cancel' ? fault : undefined);
		const tookMs = await stopAfter(['[queued] a boat'], 1);
		expect(tookMs).toBeGreaterThanOrEqual(leastMs);
		expect(tookMs).toBeLessThanOrEqual(5_000);
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
		expect(world.emulator.count('submit')).toBe(2);
		execution.stop();
		await execution.finished;
		await until(() => told().length === 2);
		expect(world.emulator.count('submit')).toBe(2);
		expect(world.emulator.count('cancel')).toBe(2);
	});

	it('is never spelled so that n8n reads a status in it', async () => {
		await stopAfter(['[queued] a boat'], 1);
		await world.run(['[cancelled] a boat']);
		expect(world.engine.log.filter((line) => /Kling Video.*canceled/i.test(line))).toEqual([]);
	});
});
