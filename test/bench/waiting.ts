import { hostClock } from '../../nodes/shared/connection/clock';
import { createPollSchedule, type PollSchedule } from '../../nodes/shared/requests/pollSchedule';
import { readState } from '../../nodes/shared/api/replies';
import { createWaitForCompletion } from '../../nodes/shared/requests/waitForCompletion';
import { seeded } from '../fixtures/seeded';
import { installVirtualClock, runOut } from '../fixtures/virtualClock';

/** What a way of waiting costs, per job. Times in s. */
export interface WaitingCost {
	calls: number;
	meanDelay: number;
	p95Delay: number;
	jobTime: number;
	/** calls × mean delay ÷ job time. */
	product: number;
}

const MEDIAN_MS = 120_000;

function logNormal(random: () => number, medianMs: number, spread: number): number {
	const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	return medianMs * Math.exp(spread * normal);
}

/** A fixed interval, as every rival has it. */
const fixedInterval = (intervalMs: number): PollSchedule => ({
	follow: () => ({
		first: async () => await hostClock.sleep(intervalMs),
		next: async () => await hostClock.sleep(intervalMs),
		completed: () => undefined,
	}),
});

/**
 * Waits for jobs in virtual time with the very code that the node waits with.
 *
 * @param batches groups of jobs that run side by side: their queue and run times in ms
 * @param intervalMs a fixed interval, or absent for the node's own pace
 */
export async function measureWaiting(
	batches: Array<Array<{ queuedMs: number; runMs: number }>>,
	intervalMs?: number,
): Promise<WaitingCost> {
	let calls = 0;
	const delays: number[] = [];
	let total = 0;
	for (const batch of batches) {
		const time = installVirtualClock();
		const schedule =
			intervalMs === undefined ? createPollSchedule(hostClock) : fixedInterval(intervalMs);
		const waits = batch.map(async ({ queuedMs, runMs }) => {
			const endsAt = Date.now() + queuedMs + runMs;
			const look = () =>
				readState({
					status:
						Date.now() >= endsAt ? 'completed' : Date.now() < queuedMs ? 'in_queue' : 'in_progress',
				});
			// A poll is a call that asks how far the job is, by whatever verb: not the one for what is known to be there.
			let knownToEnd = false;
			const poll = async () => {
				if (!knownToEnd) calls++;
				const reply = look();
				knownToEnd = reply.state === 'completed';
				return reply;
			};
			const client = { status: poll, result: poll };
			const waitForCompletion = createWaitForCompletion({
				client,
				clock: hostClock,
				schedule,
				requests: { end: () => undefined },
				log: { debug: () => undefined, info: () => undefined },
			});
			await waitForCompletion({
				itemIndex: 0,
				address: { requestId: 'id' },
				fresh: true,
				waiting: {
					maximumWaitMs: 0,
					leastPollMs: 2_000,
					includeCost: false,
					cancelOnStop: false,
				},
				limits: { deadline: Number.POSITIVE_INFINITY },
			});
			delays.push(Date.now() - endsAt);
			total += endsAt;
		});
		await Promise.all([runOut(time), ...waits]);
		time.uninstall();
	}
	delays.sort((one, other) => one - other);
	const jobs = delays.length;
	const meanDelay = delays.reduce((sum, delay) => sum + delay, 0) / jobs / 1000;
	const jobTime = total / jobs / 1000;
	return {
		calls: calls / jobs,
		meanDelay,
		p95Delay: delays[Math.floor(jobs * 0.95)] / 1000,
		jobTime,
		product: ((calls / jobs) * meanDelay) / jobTime,
	};
}

/** Jobs one by one: a short queue, then a log-normal run with the median of two minutes. */
export function singleJobs(
	count: number,
	spread: number,
): Array<Array<{ queuedMs: number; runMs: number }>> {
	const random = seeded(1);
	return Array.from({ length: count }, () => [
		{ queuedMs: random() * 15_000, runMs: logNormal(random, MEDIAN_MS, spread) },
	]);
}

/** Batches whose siblings resemble each other: one log-normal time a batch, and little around it. */
export function batches(count: number, size: number, spread: number, siblings: number) {
	const random = seeded(2);
	return Array.from({ length: count }, () => {
		const usual = logNormal(random, MEDIAN_MS, spread);
		return Array.from({ length: size }, () => ({
			queuedMs: random() * 15_000,
			runMs: logNormal(random, usual, siblings),
		}));
	});
}
