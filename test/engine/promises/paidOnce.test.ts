import { FAULTS } from '../../emulator/faults';
import { FAULT_TABLE } from '../faultTable';
import { itOfModels } from '../itOfModels';
import { isDeployment, made } from '../nodeUnderTest';
import { createWorld, errorOf, videosOf, type World } from '../world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

/** Plays a fault at the first call of an endpoint, and leaves all others alone. */
function once(endpoint: string, fault: (typeof FAULT_TABLE)[number]['fault']): void {
	let played = false;
	world.emulator.chooseFault = (call) => {
		if (played || call.endpoint !== endpoint) return undefined;
		played = true;
		return fault;
	};
}

describe('promise 1: a paid POST that may have gone through is never sent again', () => {
	it('is tried with every fault that the emulator knows', () => {
		const tried = new Set<string>(FAULT_TABLE.map(({ fault }) => fault));
		expect(Object.keys(FAULTS).filter((fault) => !tried.has(fault))).toEqual([]);
	});

	it.each(FAULT_TABLE.map((cell) => [cell.endpoint, cell.fault, cell.once, cell.posts] as const))(
		'%s hit by %s gives %s after %i POST',
		async (endpoint, fault, outcome, posts) => {
			once(endpoint, fault);
			// The status is asked for only where a result is refused while its request goes on.
			const prompt = endpoint === 'status' ? '[refusedUntilFinished] a boat' : 'a boat';
			const run = await world.run([prompt], {}, { onError: 'continueRegularOutput' });
			const [item] = videosOf(run);

			const got = (item.json.details as { reason?: string } | undefined)?.reason ?? 'video';
			expect(got).toBe(outcome);
			const played = world.emulator.calls.filter((call) => call.fault !== undefined);
			expect(played).toEqual([expect.objectContaining({ endpoint, fault })]);
			expect(world.emulator.count('submit')).toBe(posts);
			expect(world.emulator.paidPosts).toBeLessThanOrEqual(1);
			if (outcome === 'video') {
				expect(item.binary?.data.mimeType).toBe('video/mp4');
				expect(world.emulator.paidPosts).toBe(1);
			} else if (endpoint !== 'submit') {
				const [id] = world.emulator.requests.keys();
				expect(item.json.request_id).toBe(id);
			}
		},
	);

	it('a reply that is lost says that the outcome is unknown, where to check, and that nothing was repeated', async () => {
		once('submit', 'resetAfter');
		const { message, description } = errorOf(await world.run(['a boat']));
		expect(message).toBe(
			`RunComfy's reply was lost, so the ${made} may already have been submitted`,
		);
		expect(description).toContain(
			isDeployment
				? 'Check the requests of the deployment in RunComfy (https://www.runcomfy.com/profile) before you run this again'
				: 'Check Generations in RunComfy (https://www.runcomfy.com/profile) before you run this again',
		);
		expect(description).toContain(
			'A retry of this execution does not send it again; a new execution does, and so does a retry of a workflow that called this one',
		);
		expect(description).toContain('ECONNRESET');
		expect(world.emulator.paidPosts).toBe(1);
		expect(world.emulator.count('submit')).toBe(1);
	});

	it.each(['unauthorized', 'forbidden', 'noRequestId', 'resetBefore'] as const)(
		'a refusal that names a request is not believed when the look-up meets %s',
		async (fault) => {
			world.emulator.chooseFault = ({ endpoint }) =>
				endpoint === 'submit' ? 'idIn429' : endpoint === 'status' ? fault : undefined;
			const { message, description } = errorOf(await world.run(['a boat']));
			expect(message).toContain('may already have been submitted');
			expect(description).toContain(`Request ID: ${[...world.emulator.requests.keys()][0]}`);
			expect(world.emulator.count('submit')).toBe(1);
		},
	);

	it('a refused token that names a trace of its own is still a refused token', async () => {
		world.emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'submit' || endpoint === 'status'
				? { ...usual(), status: 401, body: '{"error_code": 400004, "request_id": "trace-1"}' }
				: usual();
		expect(errorOf(await world.run(['a boat'])).message).toBe('RunComfy rejected the API token');
	});

	it('a 429 waits as long as the server asks, and only until the maximum wait is over', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' ? 'throttled' : undefined;
		const run = await world.run(['a boat'], { options: { maximumWaitMinutes: 0.5 } });
		expect(errorOf(run).message).toBe('RunComfy is limiting requests right now');
		expect(errorOf(run).description).toContain('Nothing was started');
		const posts = world.emulator.calls.filter(({ endpoint }) => endpoint === 'submit');
		const times = posts.map(({ at }) => at);
		const waits = times.slice(1).map((at, index) => at - times[index]);
		expect(waits[0]).toBe(3_000);
		expect(Math.min(...waits)).toBe(3_000);
		expect(times.at(-1)! - times[0]).toBeLessThan(30_000);
		expect(world.emulator.paidPosts).toBe(0);
	});

	it('a 429 slows all items down together', async () => {
		let throttled = 0;
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'result' && throttled++ === 0 ? 'throttled' : undefined;
		await world.run(['[slow] one', '[slow] two', '[slow] three']);
		const at = world.emulator.calls.findIndex(({ fault }) => fault === 'throttled');
		const { at: refusedAt } = world.emulator.calls[at];
		const [next] = world.emulator.calls.slice(at + 1);
		expect(next.at - refusedAt).toBe(3_000);
		expect(world.emulator.paidPosts).toBe(3);
	});

	it('a model that the account may not use is told apart from a request of another account', async () => {
		once('submit', 'forbidden');
		const { message, description } = errorOf(await world.run(['a boat']));
		expect(message).toBe(
			`Your RunComfy account cannot use this ${isDeployment ? 'deployment' : 'model'}`,
		);
		expect(description).toContain('Nothing was started');
	});

	itOfModels('a call that never left says that nothing was sent', async () => {
		const { token } = world.emulator;
		await world.engine.saveCredential('runcomfy', {
			apiToken: token,
			baseUrl: 'http://127.0.0.1:9',
		});
		const run = await world.run(['a boat']);
		expect(errorOf(run).message).toBe('RunComfy could not be reached');
		expect(errorOf(run).description).toContain('ECONNREFUSED');
		expect(world.emulator.paidPosts).toBe(0);
	});
});
