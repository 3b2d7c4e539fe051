import type { INode } from 'n8n-workflow';
import type { FaultName } from '../../emulator/faults';
import { itemsOf } from '../../fixtures/workflows';
import { pass, until } from '../virtualTime';
import { createWorld, errorOf, videosOf, type World } from '../world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const always =
	(endpoint: string, fault: FaultName) =>
	(call: { endpoint: string }): FaultName | undefined =>
		call.endpoint === endpoint ? fault : undefined;

/** Ways in which a run ends after the id is known. */
const ENDS: Array<[string, string, Parameters<typeof always> | undefined, object]> = [
	['a timeout', '[endless] a boat', undefined, { maximumWaitMinutes: 0.2 }],
	['a dead network', 'a boat', ['status', 'resetBefore'], { maximumWaitMinutes: 0.5 }],
	['HTML instead of JSON', 'a boat', ['result', 'html200'], { maximumWaitMinutes: 0.5 }],
	['a refused token', 'a boat', ['status', 'unauthorized'], {}],
	['an unknown request', 'a boat', ['status', 'notFound'], {}],
	['a failed run', '[failing] a boat', undefined, {}],
	['a cancelled run', '[cancelled] a boat', undefined, {}],
	['an output without a file', '[nothing] a boat', undefined, {}],
	['a download that fails', '[truncatedForever] a boat', undefined, {}],
	['a download that is refused', 'a boat', ['media', 'redirect'], {}],
	['a file that is too large', 'a boat', undefined, { maximumFileSizeMb: 0.01 }],
];

describe('promise 3: an id is never lost', () => {
	it('stands in the log at info level from the moment it is known', async () => {
		const execution = world.start(['[endless] a boat']);
		await until(() => world.emulator.paidPosts === 1);
		await pass(1);
		const [id] = world.emulator.requests.keys();
		expect(world.engine.log).toContainEqual(
			expect.stringMatching(
				`^info: RunComfy: execution .+, "Kling Video", run 0, item 0: request ${id} is submitted$`,
			),
		);
		execution.stop();
		await execution.finished;
	});

	describe.each(ENDS)('after %s', (_, prompt, fault, options) => {
		const run = async (settings?: Partial<INode>) => {
			if (fault) world.emulator.chooseFault = always(...fault);
			return await world.run([prompt], { options: options as never }, settings);
		};
		const id = () => [...world.emulator.requests.keys()][0];

		it('it stands in the error', async () => {
			const { description } = errorOf(await run());
			expect(description).toContain(`Request ID: ${id()}`);
			expect(world.emulator.paidPosts).toBe(1);
		});

		it('it stands in the item on the regular output', async () => {
			const [{ json }] = videosOf(await run({ onError: 'continueRegularOutput' }));
			expect(json.request_id).toBe(id());
			expect(json.details).toMatchObject({ request_id: id() });
		});

		it('it stands in the item on the error output, and nothing is on the other', async () => {
			const ended = await run({ onError: 'continueErrorOutput' });
			expect(itemsOf(ended, 'Videos')).toEqual([]);
			expect(itemsOf(ended, 'Failures')[0].json.details).toMatchObject({ request_id: id() });
		});
	});

	it('an error says which operation picks the request up', async () => {
		const run = await world.run(['[endless] a boat'], { options: { maximumWaitMinutes: 0.2 } });
		expect(errorOf(run).message).toBe('The video was not ready within 12 seconds');
		expect(errorOf(run).description).toMatch(/Get Result[\s\S]*Request ID/);
		expect(errorOf(run).description).toContain('Last status: in_progress');
	});

	it('the ids of the items that had gone on stand in the error of the one that failed', async () => {
		const run = await world.run(['[slow] one', '[slow] two', '[failing] three']);
		const ids = [...world.emulator.requests.keys()];
		const { message, description } = errorOf(run);
		expect(message).toBe('RunComfy could not make this video');
		expect(description).toContain(`Request ID: ${ids[2]}`);
		expect(description).toContain(`without paying again: ${ids[0]}, ${ids[1]}`);
		expect(world.emulator.count('cancel')).toBe(0);
	});

	it('nothing more is submitted once an item has failed and nothing catches it', async () => {
		const run = await world.run(['[failing] one', 'two', 'three'], {
			options: { maxConcurrency: 1 },
		});
		expect(run.status).toBe('error');
		expect(world.emulator.paidPosts).toBe(1);
	});
});
