import { hostClock } from '../../nodes/shared/connection/clock';
import { createPollSchedule } from '../../nodes/shared/requests/pollSchedule';
import { pollDelay, usualTime } from '../../nodes/shared/requests/pollDelay';
import { installVirtualClock, runOut, type VirtualClock } from '../fixtures/virtualClock';

const usual = usualTime([]);
const at = (seconds: number, more = {}) =>
	pollDelay({
		ageMs: seconds * 1_000,
		runningMs: seconds * 1_000,
		siblings: 1,
		leastMs: 2_000,
		usual,
		...more,
	}) / 1_000;

describe('the delay to the next poll', () => {
	it('keeps the user’s least, and never exceeds one and a half times the age, or a minute', () => {
		for (let seconds = 0.1; seconds < 3_600; seconds *= 1.3) {
			expect(at(seconds)).toBeGreaterThanOrEqual(2);
			expect(at(seconds)).toBeLessThan(Math.max(2, Math.min(60, 1.5 * seconds)) + 0.001);
			expect(at(seconds, { leastMs: 60_000 })).toBe(60);
		}
	});

	it('is short around the usual time, and longer before and long after it', () => {
		expect(at(40)).toBeGreaterThan(3 * at(120));
		expect(at(900)).toBeGreaterThan(1.5 * at(120));
	});

	it('lets many siblings poll less often early on, by turns', () => {
		expect(at(12, { siblings: 5 })).toBeLessThan(10);
		expect(at(12, { siblings: 20 })).toBeGreaterThan(30);
	});

	it('polls less often while the polls of siblings tell as much', () => {
		expect(at(120, { siblings: 16 })).toBeGreaterThan(2 * at(120));
	});

	it('is planned around what was measured, once there is something', () => {
		const measured = { usual: usualTime([40_000, 42_000]) };
		expect(at(41, measured)).toBeLessThan(3);
		expect(at(20, measured)).toBeGreaterThan(8);
	});
});

describe('what is usual', () => {
	it('is the median of what was measured, with its spread', () => {
		expect(usualTime([10_000]).medianMs).toBe(10_000);
		expect(usualTime([50_000, 10_000, 12_000]).medianMs).toBe(12_000);
		expect(usualTime([10_000, 10_000, 10_000, 10_000]).spread).toBeLessThan(
			usualTime([10_000]).spread,
		);
		expect(usualTime([10_000, 40_000]).spread).toBeGreaterThan(0.5);
	});
});

describe('the pace of a run', () => {
	let time: VirtualClock;
	beforeEach(() => (time = installVirtualClock()));
	afterEach(() => time.uninstall());

	/** Follows jobs of these lengths side by side; gives for each how late its end was seen, in s. */
	async function delays(lengths: number[]): Promise<number[]> {
		const startedAt = Date.now();
		const age = () => Date.now() - startedAt;
		const schedule = createPollSchedule(hostClock);
		const all = lengths.map(async (length) => {
			const polls = schedule.follow(2_000, true);
			await polls.first(Number.POSITIVE_INFINITY);
			while (age() < length * 1_000) await polls.next(false, Number.POSITIVE_INFINITY);
			polls.completed();
			return age() / 1_000 - length;
		});
		const [, ...late] = await Promise.all([runOut(time), ...all]);
		return late;
	}

	it('tells the others when the first has finished', async () => {
		const alone = await delays([100]);
		const together = await delays(Array.from({ length: 20 }, () => 100));
		expect(Math.max(...together.slice(-10))).toBeLessThan(4);
		expect(alone[0]).toBeLessThan(10);
	});

	it('polls a request that was submitted earlier at once, and learns nothing from it', async () => {
		const schedule = createPollSchedule(hostClock);
		await schedule.follow(2_000, false).first(Number.POSITIVE_INFINITY);
		expect(Date.now()).toBe(0);
	});

	it('ends with its signal, and ends early at the deadline', async () => {
		const polls = createPollSchedule(hostClock).follow(2_000, true);
		const stop = new AbortController();
		const stopped = expect(polls.first(Number.POSITIVE_INFINITY, stop.signal)).rejects.toThrow(
			'stop',
		);
		stop.abort(new Error('stop'));
		await stopped;
		await Promise.all([runOut(time), polls.next(false, 500)]);
		expect(Date.now()).toBe(500);
	});
});
