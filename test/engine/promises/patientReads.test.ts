import type { Answer } from '../../emulator/faults';
import { itOfModels } from '../itOfModels';
import { isDeployment, itemOf, made } from '../nodeUnderTest';
import { createWorld, errorOf, videosOf, type World } from '../world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

describe('promise 4: reads are patient', () => {
	it('through one fault after the other, to the video', async () => {
		const run = await world.run(['[dropping] a boat']);
		expect((await world.engine.binary(videosOf(run)[0].binary?.data)).length).toBeGreaterThan(
			1_000,
		);
		expect(world.emulator.paidPosts).toBe(1);
		expect(world.emulator.count('result')).toBeGreaterThan(5);
	});

	it('with growing pauses, bounded by the maximum wait alone', async () => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'result' ? 'json500' : undefined);
		const startedAt = Date.now();
		const run = await world.run(['a boat'], { options: { maximumWaitMinutes: 3 } });
		expect(errorOf(run).message).toBe('RunComfy did not return a usable reply');
		const times = world.emulator.calls
			.filter(({ endpoint }) => endpoint === 'result')
			.map(({ at }) => at);
		const pauses = times.slice(1).map((at, index) => at - times[index]);
		for (const [index, pause] of pauses.entries()) {
			const longest = Math.min(20_000, 500 * 2 ** index);
			expect(pause).toBeGreaterThanOrEqual(longest / 2);
			expect(pause).toBeLessThanOrEqual(longest);
		}
		expect(Date.now() - startedAt).toBeGreaterThan(160_000);
		expect(Date.now() - startedAt).toBeLessThan(180_000);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('an unknown status means waiting, and the log says so', async () => {
		const run = await world.run(['[unknownStatus] a boat']);
		expect(videosOf(run)[0].json.status).toBe('completed');
		expect(world.engine.log.join('\n')).toContain('reticulating_splines, a status not known here');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it.each(['newWordInResult', 'noWordInResult'])(
		'a finished output is taken for one, whatever its status is called: %s',
		async (scenario) => {
			const [item] = videosOf(await world.run([`[${scenario}] a boat`]));
			expect(item.json.status).toBe('completed');
			expect(item.binary?.data.mimeType).toBe('video/mp4');
		},
	);

	it('an unknown status does not outlive the maximum wait', async () => {
		const run = await world.run(['[unknownForever] a boat'], {
			options: { maximumWaitMinutes: 0.5 },
		});
		expect(errorOf(run).message).toBe(`The ${made} was not ready within 30 seconds`);
		expect(errorOf(run).description).toContain('Last status: reticulating_splines');
	});

	it.each(['unauthorized', 'forbidden', 'noBalance200'] as const)(
		'%s ends at once, with one call',
		async (fault) => {
			world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'result' ? fault : undefined);
			await world.run(['a boat']);
			expect(world.emulator.count('result')).toBe(1);
			expect(world.emulator.paidPosts).toBe(1);
		},
	);

	it.each(['result', 'status'] as const)(
		'a request that %s does not know at first is asked for again',
		async (endpoint) => {
			let unknown = 4;
			world.emulator.chooseFault = (call) =>
				call.endpoint === endpoint && unknown-- > 0 ? 'notFound' : undefined;
			const [item] = videosOf(await world.run(['[refusedUntilFinished] a boat']));
			expect(item.binary?.data.mimeType).toBe('video/mp4');
		},
	);

	it('a request that stays unknown ends the wait within seconds', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'result' || endpoint === 'status' ? 'notFound' : undefined;
		const startedAt = Date.now();
		const run = await world.run(['a boat']);
		expect(errorOf(run).message).toBe('RunComfy does not know this request');
		expect([world.emulator.count('result'), world.emulator.count('status')]).toEqual([5, 5]);
		expect(Date.now() - startedAt).toBeLessThan(20_000);
	});

	it('a result that is not found while the request goes on is waited for', async () => {
		let results = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'result' && ++results <= 5 ? 'notFound' : undefined;
		const run = await world.run(['[slow] a boat']);
		expect(run.status).toBe('success');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('a result that is gone is not found, and no failed run', async () => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'result' ? 'notFound' : undefined);
		const run = await world.run(['a boat']);
		expect(errorOf(run).message).toBe('RunComfy does not know this request');
	});

	it.each([
		['an empty object', {}],
		['nothing', null],
		['fields without a value', { video: null, videos: [], text: '' }],
	])('an output that is %s is asked for once more before it is believed', async (_, output) => {
		let results = 0;
		const field = isDeployment ? 'outputs' : 'output';
		const asText = (answer: Answer, change: object) => ({
			...answer,
			body: JSON.stringify({ ...(JSON.parse(String(answer.body)) as object), ...change }),
		});
		world.emulator.respond = ({ endpoint }, usual) => {
			const answer = usual();
			const isFirst = endpoint === 'result' && String(answer.body).includes(`"${field}":`);
			return isFirst && results++ === 0 ? asText(answer, { [field]: output }) : answer;
		};
		const [item] = videosOf(await world.run(['a boat']));
		expect(item.binary?.data.mimeType).toBe('video/mp4');
		expect(results).toBe(2);
	});

	itOfModels('an output that stays empty is believed the second time', async () => {
		const run = await world.run(['[nothing] a boat']);
		expect(errorOf(run).message).toBe('RunComfy returned no file');
		const paid = [...world.emulator.requests.values()];
		expect(paid.map(({ timesAsked }) => timesAsked)).toEqual([2]);
	});

	it('Cancel and Get Status are patient too', async () => {
		const submitted = videosOf(await world.run(['[queued] a boat'], { operation: 'submit' }));
		let calls = 0;
		world.emulator.chooseFault = () => (calls++ % 3 === 2 ? undefined : 'html502');
		const [status] = videosOf(await world.run(submitted, { operation: 'getStatus' }));
		expect(status.json.status).toBe('in_queue');
		const [cancelled] = videosOf(await world.run(submitted, { operation: 'cancel' }));
		expect(cancelled.json.cancelled).toBe(true);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('an operation that does not wait gives up after a minute, with the id', async () => {
		world.emulator.chooseFault = () => 'resetBefore';
		const startedAt = Date.now();
		const run = await world.run([itemOf('abc')], { operation: 'getStatus' });
		expect(errorOf(run).message).toBe('RunComfy did not return a usable reply');
		expect(errorOf(run).description).toContain('Request ID: abc');
		expect(Date.now() - startedAt).toBeGreaterThan(40_000);
		expect(Date.now() - startedAt).toBeLessThan(60_000);
	});
});
