import type { Clock } from '../../nodes/shared/api/http';
import { measurePace } from '../../nodes/shared/media/pace';

/**
 * Lets bytes come in at a steady pace, in virtual time.
 *
 * @param bytesPerSecond at a second of the download
 * @returns when the download was given up, in s, and why; nothing when it was whole before
 */
async function download(
	size: number,
	bytesPerSecond: (second: number) => number,
): Promise<{ second: number; detail: string } | undefined> {
	let second = 0;
	let wake: { at: number; resume(): void } | undefined;
	let given: { second: number; detail: string } | undefined;
	const clock: Clock = {
		now: () => second * 1_000,
		sleep: async (ms, signal) =>
			await new Promise((resolve, reject) => {
				wake = { at: second + ms / 1_000, resume: resolve };
				signal?.addEventListener('abort', () => reject(signal.reason));
			}),
	};
	const pace = measurePace(
		clock,
		({ facts }) => (given ??= { second, detail: facts.detail ?? '' }),
	);
	for (let received = 0; received < size && !given; second++) {
		if (wake && second >= wake.at) {
			wake.resume();
			await new Promise((resolve) => setImmediate(resolve));
			if (given) break;
		}
		const bytes = Math.min(bytesPerSecond(second), size - received);
		received += bytes;
		pace.count(bytes);
		pace.wait();
	}
	pace.end();
	await new Promise((resolve) => setImmediate(resolve));
	return given;
}

const MB = 1_000_000;

describe('a download', () => {
	it('stalls when nothing comes for half a minute', async () => {
		const outcome = await download(MB, () => 0);
		expect(outcome).toEqual({ second: 30, detail: 'the download stalled: 0 bytes in 30 s' });
	});

	it('stalls when next to nothing comes, also late', async () => {
		expect(await download(MB, () => 1)).toMatchObject({ second: 30 });
		expect(await download(MB, () => 999)).toMatchObject({ second: 30 });
		expect(await download(90 * MB, (second) => (second < 300 ? 100_000 : 5))).toEqual({
			second: 330,
			detail: 'the download stalled: 150 bytes in 30 s',
		});
	});

	it('may take its time', async () => {
		expect(await download(20 * MB, () => 70_000)).toBeUndefined();
		expect(await download(20 * MB, () => 10_000)).toBeUndefined();
		expect(await download(20_000, () => 1_000)).toBeUndefined();
		expect(await download(20 * MB, (second) => (second % 29 ? 0 : 400_000))).toBeUndefined();
	});

	it('is too slow when it takes more than five minutes and the time for its size', async () => {
		expect(await download(20 * MB, () => 2_000)).toEqual({
			second: 390,
			detail: 'the download was too slow: 780000 bytes in 390 s',
		});
		expect(await download(20 * MB, () => 8_000)).toMatchObject({ second: 1_530 });
	});

	it('is not measured when its last byte is there', async () => {
		let told = false;
		const aborted: AbortSignal[] = [];
		const clock: Clock = {
			now: () => 0,
			sleep: async (_, signal) =>
				await new Promise((_resolve, reject) => {
					if (signal) aborted.push(signal);
					signal?.addEventListener('abort', () => reject(signal.reason));
				}),
		};
		const pace = measurePace(clock, () => (told = true));
		pace.end();
		await new Promise((resolve) => setImmediate(resolve));
		expect(aborted.map((signal) => signal.aborted)).toEqual([true]);
		expect(told).toBe(false);
	});
});
