import { pass, setDate } from '../virtualTime';
import { isDeployment, made } from '../nodeUnderTest';
import { createWorld, errorOf, videosOf, type World } from '../world';

const DAY_S = 24 * 60 * 60;
const ASKED = 'asked to wait';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

/** Answers one call of an endpoint, the first unless another is named, with a 429 and this Retry-After. */
function throttleOnce(endpoint: string, retryAfter: string, which = 1): void {
	world.emulator.retryAfter = retryAfter;
	let calls = 0;
	world.emulator.chooseFault = (call) =>
		call.endpoint === endpoint && ++calls === which ? 'throttled' : undefined;
}

const callsOf = (name: string) => world.emulator.calls.filter(({ endpoint }) => endpoint === name);

describe('no server decides how long we wait', () => {
	it('a submit that is told to wait for longer than Maximum Wait ends at once and says both times', async () => {
		throttleOnce('submit', String(DAY_S));
		const startedAt = Date.now();
		const { message, description } = errorOf(await world.run(['a boat']));
		expect(message).toBe('RunComfy is limiting requests right now');
		expect(description).toContain(
			`${ASKED} 24 hours, longer than the ${isDeployment ? 60 : 30} minutes`,
		);
		expect(description).toContain('Nothing was started');
		expect(Date.now() - startedAt).toBeLessThan(1_000);
		expect(world.emulator.count('submit')).toBe(1);
	});

	it('does not send a sibling’s paid POST hours later', async () => {
		throttleOnce('submit', String(DAY_S));
		const run = await world.run(['one', 'two'], {}, { onError: 'continueRegularOutput' });
		const [one, two] = videosOf(run);
		expect(one.json.details).toMatchObject({ reason: 'throttled' });
		expect(two.binary?.data.mimeType).toBe('video/mp4');
		const [first, second] = callsOf('submit');
		expect(second.at - first.at).toBeLessThanOrEqual(75_000);
	});

	it('a submit that waits as long as the server asks holds the siblings back for little more than a minute', async () => {
		throttleOnce('submit', '1200');
		const run = await world.run(['one', 'two', 'three']);
		expect(videosOf(run)).toHaveLength(3);
		const [first, second, third, again] = callsOf('submit').map(({ at }) => at);
		expect(again - first).toBe(1_200_000);
		expect(third - first).toBeLessThanOrEqual(80_000);
		expect(second - first).toBeGreaterThanOrEqual(60_000);
	});

	it('says that the server asks to wait only when it does', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' ? 'throttledBare' : undefined;
		const settings = { onError: 'continueRegularOutput' } as const;
		const wait = { maximumWaitMinutes: 5 };
		const items = videosOf(await world.run(['one', 'two'], { options: wait }, settings));
		expect(items).toHaveLength(2);
		for (const { json } of items) {
			const { reason, description } = json.details as { reason: string; description: string };
			expect(reason).toBe('throttled');
			expect(description).not.toContain(ASKED);
		}
	});

	it('a poll that is told to wait for hours does not hold the siblings back for more than a minute', async () => {
		throttleOnce('result', String(7_200));
		const startedAt = Date.now();
		const run = await world.run(['one', 'two', 'three'], {}, { onError: 'continueRegularOutput' });
		const ready = videosOf(run).filter(({ binary }) => binary?.data);
		const [late] = videosOf(run).filter(({ json }) => json.error);
		expect(ready).toHaveLength(2);
		expect(late.json.details).toMatchObject({ reason: 'throttled' });
		expect((late.json.details as { description: string }).description).toMatch(
			new RegExp(`${ASKED} (120 minutes|2 hours)`),
		);
		expect(Date.now() - startedAt).toBeLessThan(120_000);
	});

	it.each(['0', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
		'a Retry-After of %s is not obeyed faster than the own backoff',
		async (retryAfter) => {
			world.emulator.retryAfter = retryAfter;
			world.emulator.chooseFault = ({ endpoint }) =>
				endpoint === 'submit' ? 'throttled' : undefined;
			await world.run(['a boat'], { options: { maximumWaitMinutes: 5 } });
			const times = callsOf('submit').map(({ at }) => at);
			const pauses = times.slice(1).map((at, index) => at - times[index]);
			expect(Math.min(...pauses)).toBeGreaterThanOrEqual(750);
			expect(times.length).toBeLessThan(20);
			expect(times.at(-1)! - times[0]).toBeLessThan(300_000);
		},
	);

	it('a Retry-After beyond what a timer can hold is waited for, when the maximum wait allows it', async () => {
		throttleOnce('submit', String(30 * DAY_S));
		const wait = { maximumWaitMinutes: 40 * 24 * 60 };
		const [item] = videosOf(await world.run(['a boat'], { options: wait }));
		expect(item.binary?.data.mimeType).toBe('video/mp4');
		const [first, second, ...more] = callsOf('submit');
		expect(second.at - first.at).toBe(30 * DAY_S * 1_000);
		expect(more).toEqual([]);
	});

	it('a 503 that asks for hours ends the wait at once, with the id', async () => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'result' ? 'json503' : undefined);
		const startedAt = Date.now();
		const run = await world.run(['a boat'], { options: { maximumWaitMinutes: 1 } });
		expect(errorOf(run).description).toContain([...world.emulator.requests.keys()][0]);
		expect(Date.now() - startedAt).toBeLessThanOrEqual(60_000);
	});
});

describe('Maximum Wait starts with the item and bounds everything in it', () => {
	it('the first poll does not pass it', async () => {
		const startedAt = Date.now();
		const run = await world.run(['[endless] a boat'], {
			options: { maximumWaitMinutes: 5, pollIntervalSeconds: 600 },
		});
		expect(errorOf(run).message).toBe(`The ${made} was not ready within 5 minutes`);
		expect(Date.now() - startedAt).toBe(300_000);
	});

	it('an hour by which the wall clock is set back does not make it longer', async () => {
		const startedAt = performance.now();
		const execution = world.start(['[endless] a boat'], { options: { maximumWaitMinutes: 5 } });
		await pass(60_000);
		setDate(Date.now() - 3_600_000);
		expect(errorOf(await execution.finished).message).toBe(
			`The ${made} was not ready within 5 minutes`,
		);
		expect(performance.now() - startedAt).toBe(300_000);
	});

	it('the time for the submit counts', async () => {
		world.emulator.delay = ({ endpoint }) => (endpoint === 'submit' ? 50_000 : 0);
		const startedAt = Date.now();
		const run = await world.run(['[endless] a boat'], { options: { maximumWaitMinutes: 2 } });
		expect(errorOf(run).message).toBe(`The ${made} was not ready within 2 minutes`);
		expect(Date.now() - startedAt).toBe(120_000);
	});

	it('the time until the turn of an item counts', async () => {
		world.emulator.delay = ({ endpoint }) => (endpoint === 'submit' ? 1_900 : 0);
		const items = [30, 0.02].map((minutes) => ({ json: { prompt: 'a boat', minutes } }));
		const wait = { maximumWaitMinutes: '={{ $json.minutes }}' };
		const startedAt = Date.now();
		const run = await world.run(items, { options: wait }, { onError: 'continueRegularOutput' });
		const [one, two] = videosOf(run);
		expect(one.binary?.data.mimeType).toBe('video/mp4');
		expect(two.json.details).toMatchObject({ reason: 'notSubmitted' });
		expect(callsOf('submit').map(({ at }) => at - startedAt)).toEqual([0]);
	});

	it('the time behind another submit counts', async () => {
		world.emulator.retryAfter = '60';
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' ? 'throttled' : undefined;
		const items = [30, 1].map((minutes) => ({ json: { prompt: 'a boat', minutes } }));
		const wait = { maximumWaitMinutes: '={{ $json.minutes }}' };
		const startedAt = Date.now();
		const run = await world.run(items, { options: wait });
		expect(errorOf(run).message).toBe('RunComfy is limiting requests right now');
		expect(Date.now() - startedAt).toBe(60_000);
	});

	it('waiting for Maximum Concurrency does not: an item that has not begun has all of it', async () => {
		const run = await world.run(['[slow] one', '[slow] two', '[slow] three'], {
			options: { maximumWaitMinutes: 4, maximumConcurrency: 1 },
		});
		expect(videosOf(run)).toHaveLength(3);
	});
});

describe('an unknown status', () => {
	it('does not hide a result that is ready', async () => {
		world.emulator.requests.clear();
		const startedAt = Date.now();
		const [item] = videosOf(await world.run(['[newWords] a boat']));
		expect(item.binary?.data.mimeType).toBe('video/mp4');
		expect(Date.now() - startedAt).toBeLessThan(300_000);
	});
});
