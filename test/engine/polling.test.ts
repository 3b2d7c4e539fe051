import { createWorld, videosOf, type World } from './world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const polls = () =>
	world.emulator.calls.filter(({ endpoint }) => endpoint === 'result' || endpoint === 'status');
/** How far apart the polls of each request arrived, in ms. */
function pauses(): number[] {
	const last = new Map<string | undefined, number>();
	return polls().flatMap(({ requestId, at }) => {
		const before = last.get(requestId);
		last.set(requestId, at);
		return before === undefined ? [] : [at - before];
	});
}

describe('waiting for a request', () => {
	it('polls it less and less often, and at least every ten seconds', async () => {
		await world.run(['[endless] a boat'], { options: { maximumWaitMinutes: 10 } });
		const all = pauses().slice(0, -1);
		expect(all).toEqual(all.toSorted((one, other) => one - other));
		expect(all[0]).toBeLessThan(1_100);
		expect(all.at(-1)).toBe(10_000);
	});

	it('polls it no more often than Poll Interval says', async () => {
		await world.run(['[slow] one', '[slow] two'], { options: { pollIntervalSeconds: 25 } });
		expect(pauses().length).toBeGreaterThan(10);
		expect(new Set(pauses())).toEqual(new Set([25_000]));
	});

	it('polls one that an earlier node has submitted at once', async () => {
		await world.run(['[instant] a boat'], { resource: 'video', operation: 'submit' });
		await new Promise((resolve) => setTimeout(resolve, 60_000));
		const [requestId = ''] = world.emulator.requests.keys();
		const startedAt = Date.now();
		const run = await world.run(['none'], {
			resource: 'request',
			operation: 'getResult',
			requestId,
			waitForCompletion: true,
			options: { pollIntervalSeconds: 600 },
		});
		expect(videosOf(run)[0]?.binary?.data.mimeType).toBe('video/mp4');
		expect(Date.now() - startedAt).toBeLessThan(1_000);
	});

	it('polls all requests of a run together at most a hundred times in two seconds', async () => {
		const prompts = Array.from({ length: 150 }, (_, row) => `[demo] ${row}`);
		const run = await world.run(prompts, {
			downloadMedia: false,
			options: { maximumConcurrency: 150, maximumRequests: 150, pollIntervalSeconds: 0.5 },
		});
		expect(videosOf(run)).toHaveLength(150);
		const times = polls().map(({ at }) => at);
		const spans = times.slice(100).map((at, index) => at - (times[index] ?? 0));
		expect(spans.length).toBeGreaterThan(300);
		expect(Math.min(...spans)).toBeGreaterThanOrEqual(2_000);
	});
});
