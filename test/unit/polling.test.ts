import { hostClock } from '../../nodes/shared/connection/clock';
import { PollLimit, pollPause } from '../../nodes/shared/requests/waitForCompletion';
import { installVirtualClock, runOut, type VirtualClock } from '../fixtures/virtualClock';

const SECOND = 1_000;

describe('the pause between two polls of a request', () => {
	it('is the Poll Interval at first', () => {
		expect(pollPause(0, SECOND)).toBe(SECOND);
		expect(pollPause(0, 90 * SECOND)).toBe(90 * SECOND);
	});

	it('grows with the age of the request, and no further than ten seconds', () => {
		const ages = Array.from({ length: 100 }, (_, index) => index * 10 * SECOND);
		const pauses = ages.map((age) => pollPause(age, SECOND));
		expect(pauses).toEqual(pauses.toSorted((one, other) => one - other));
		expect(pauses[1]).toBeGreaterThan(SECOND);
		expect(pauses.at(-1)).toBe(10 * SECOND);
	});

	it('is never shorter than the Poll Interval, however long that is', () => {
		for (const interval of [0.5, 1, 5, 10, 60, 3_600].map((seconds) => seconds * SECOND)) {
			for (let age = 0; age < 3_600 * SECOND; age += 7 * SECOND) {
				expect(pollPause(age, interval)).toBeGreaterThanOrEqual(interval);
			}
		}
	});

	it('costs a video of two minutes fifty polls at most', () => {
		let polls = 0;
		for (let age = 0; age < 120 * SECOND; polls++) age += pollPause(age, SECOND);
		expect(polls).toBeLessThanOrEqual(50);
	});
});

describe('the polls of a run', () => {
	let time: VirtualClock;
	let limit: PollLimit;
	beforeEach(() => {
		time = installVirtualClock();
		limit = new PollLimit(hostClock);
	});
	afterEach(() => time.uninstall());

	/** Lets requests be due again and again; gives the times at which each may be polled, in ms. */
	async function pollAll(requests: number, intervalMs: number, polls: number): Promise<number[][]> {
		const times = Array.from({ length: requests }, (): number[] => []);
		const all = times.map(async (own) => {
			while (own.length < polls) {
				await limit.pass(hostClock.now() + intervalMs);
				own.push(hostClock.now());
			}
		});
		await Promise.all([runOut(time), ...all]);
		return times;
	}

	it('are never more than a hundred in two seconds', async () => {
		const times = (await pollAll(300, SECOND, 5)).flat().sort((one, other) => one - other);
		const spans = times.slice(100).map((at, index) => at - (times[index] ?? 0));
		expect(Math.min(...spans)).toBeGreaterThanOrEqual(2 * SECOND);
	});

	it('are made as soon as there is room, each request in its turn', async () => {
		const times = await pollAll(300, SECOND, 5);
		for (const own of times) {
			const pauses = own.slice(1).map((at, index) => at - (own[index] ?? 0));
			expect(Math.max(...pauses)).toBeLessThanOrEqual(7 * SECOND);
		}
	});

	it('are not held back while they are fewer', async () => {
		const times = await pollAll(100, 2 * SECOND, 3);
		for (const own of times) expect(own).toEqual([2 * SECOND, 4 * SECOND, 6 * SECOND]);
	});

	it('end with the signal, before they are due and while they wait for their turn', async () => {
		const stop = new AbortController();
		const reason = new Error('stopped');
		await Promise.all(Array.from({ length: 100 }, async () => await limit.pass(0)));
		const waits = [limit.pass(0, stop.signal), limit.pass(60 * SECOND, stop.signal)];
		const outcomes = Promise.allSettled(waits);
		stop.abort(reason);
		await Promise.all([runOut(time), outcomes]);
		expect(await outcomes).toEqual([
			{ status: 'rejected', reason },
			{ status: 'rejected', reason },
		]);
		expect(hostClock.now()).toBe(0);
	});
});
