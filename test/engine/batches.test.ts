import { createWorld, errorOf, kindOf, videosOf, type World } from './world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const rows = (count: number, prompt = 'idea') =>
	Array.from({ length: count }, (_, row) => `${prompt} ${row}`);
const submits = () => world.emulator.calls.filter(({ endpoint }) => endpoint === 'submit');
/** When each paid POST has arrived, in ms after the first. */
const arrivals = () => submits().map(({ at }) => at - submits()[0].at);

describe('a batch over a slow network', () => {
	it('submits the first request alone, and the others side by side once it is taken', async () => {
		world.emulator.delay = () => 500;
		await world.run(rows(20, '[slow]'));
		const [first, second, ...others] = arrivals();
		expect([first, second]).toEqual([0, 500]);
		expect(others.filter((at) => at === 500)).toHaveLength(7);
		expect(Math.max(...others)).toBeLessThanOrEqual(1_500);
	});

	it('sends the last of 300 requests within seconds of the first', async () => {
		world.emulator.delay = () => 500;
		await world.run(rows(300, '[slow]'), {
			options: { maximumConcurrency: 300, maximumRequests: 300 },
		});
		expect(submits()).toHaveLength(300);
		expect(Math.max(...arrivals())).toBeLessThan(6_000);
	});

	it('keeps the order of the items', async () => {
		const prompts = rows(30, '[slow]');
		const run = await world.run(prompts, { options: { maximumConcurrency: 30 } });
		expect(videosOf(run).map(({ pairedItem }) => pairedItem)).toEqual(
			prompts.map((_, item) => ({ item })),
		);
		expect([...world.emulator.requests.values()].map(({ input }) => input.prompt)).toEqual(prompts);
	});

	it.each([0, 7])('is not held back by a POST that hangs, be it number %i', async (which) => {
		let posts = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && posts++ === which ? 'hangAfter' : undefined;
		const run = await world.run(rows(20), {}, { onError: 'continueRegularOutput' });
		expect(videosOf(run).filter(({ binary }) => binary?.data)).toHaveLength(19);
		expect(Math.max(...arrivals())).toBeLessThanOrEqual(2_000);
		expect(submits()).toHaveLength(20);
	});
});

describe('what refuses the first request refuses all', () => {
	it.each(['unauthorized', 'noBalance', 'notFound'] as const)(
		'%s costs one call, also when the node continues',
		async (fault) => {
			world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'submit' ? fault : undefined);
			const run = await world.run(rows(50), {}, { onError: 'continueRegularOutput' });
			expect(submits()).toHaveLength(1);
			expect(new Set(videosOf(run).map(({ json }) => json.error)).size).toBe(1);
			expect(videosOf(run)).toHaveLength(50);
		},
	);

	it('a balance too low for one model says nothing of a cheaper one', async () => {
		const model = '={{ $json.row % 2 ? "standard" : "pro" }}';
		world.emulator.chooseFault = ({ endpoint, modelId }) =>
			endpoint === 'submit' && modelId?.includes('/pro/') ? 'noBalance' : undefined;
		const run = await world.run(rows(6), { model }, { onError: 'continueRegularOutput' });
		expect(videosOf(run).map(({ binary }) => binary !== undefined)).toEqual([
			false,
			true,
			false,
			true,
			false,
			true,
		]);
		expect(submits()).toHaveLength(4);
	});

	it('a wrong model does not speak for another one', async () => {
		const model = '={{ $json.row % 2 ? "kling/kling-3.0/pro/text-to-video" : "wrong/model" }}';
		const run = await world.run(rows(4), { model }, { onError: 'continueRegularOutput' });
		expect(videosOf(run).map(({ binary }) => binary !== undefined)).toEqual([
			false,
			true,
			false,
			true,
		]);
	});

	it('an input that is refused speaks for itself alone', async () => {
		let posts = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && posts++ === 0 ? 'rejected' : undefined;
		const run = await world.run(rows(3), {}, { onError: 'continueRegularOutput' });
		expect(videosOf(run).filter(({ binary }) => binary)).toHaveLength(2);
	});

	it('without Continue nothing is sent after it', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' ? 'unauthorized' : undefined;
		const run = await world.run(rows(50));
		expect(kindOf(run)).toBe('unauthorized');
		expect(submits()).toHaveLength(1);
	});
});

describe('a failing item without Continue', () => {
	it('lets the POSTs that are under way end properly, and sends no further one', async () => {
		let posts = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && posts++ === 3 ? 'rejected' : undefined;
		world.emulator.delay = ({ endpoint, fault }) => (endpoint === 'submit' && !fault ? 1_500 : 0);
		const run = await world.run(rows(40, '[slow]'), { options: { maximumConcurrency: 40 } });
		const ids = [...world.emulator.requests.keys()];
		expect(submits().length).toBeLessThan(12);
		expect(ids).toHaveLength(submits().length - 1);
		const { description } = errorOf(run);
		const kept = JSON.stringify(run.data.executionData?.contextData);
		for (const id of ids) {
			expect(description).toContain(id);
			expect(kept).toContain(id);
			expect(world.engine.log.some((line) => line.includes(`request ${id} is submitted`))).toBe(
				true,
			);
		}
	});
});

describe('a 429', () => {
	it('spaces the submits that follow, and every request is made once', async () => {
		world.emulator.delay = () => 500;
		let posts = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' && ++posts > 10 && posts <= 16 ? 'throttledBare' : undefined;
		const run = await world.run(rows(40), { options: { maximumConcurrency: 40 } });
		expect(videosOf(run)).toHaveLength(40);
		expect(world.emulator.paidPosts).toBe(40);
		const after = submits().findIndex(({ fault }) => fault === 'throttledBare');
		const refusedAt = submits()[after].at;
		const next = submits().filter(({ at }) => at > refusedAt + 500);
		const together = next.filter(({ at }) => at - next[0].at < 400).length;
		expect(together).toBeLessThanOrEqual(8);
	});
});
