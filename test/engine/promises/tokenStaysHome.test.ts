import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { stringify } from 'flatted';
import { json, readBody, send } from '../../emulator/http';
import { LocalServer } from '../../emulator/LocalServer';
import { SCENARIOS, type ScenarioName } from '../../emulator/scenarios';
import { itOfModels } from '../itOfModels';
import { itemOf } from '../nodeUnderTest';
import { createWorld, credentialOf, type World } from '../world';

const SECRET_PROMPT = 'an unpublished idea about a talking lighthouse keeper';

let world: World;
beforeEach(async () => (world = await createWorld({ token: 'rc-secret-token-4711' })));
afterEach(async () => await world.end());

/** Everything of an execution that anybody can see or that is saved. */
function traces(run: unknown): string {
	return `${stringify(run)}\n${world.engine.log.join('\n')}`;
}

describe('promise 6: the token goes to the API’s host and nowhere else', () => {
	const ends = Object.keys(SCENARIOS).filter(
		(name) => !['endless', 'queued', 'slow', 'unknownForever', 'demo', 'bench'].includes(name),
	) as ScenarioName[];

	it.each(ends)(
		'scenario %s leaves it in no output, error, log or saved execution',
		async (name) => {
			for (const onError of [
				'stopWorkflow',
				'continueRegularOutput',
				'continueErrorOutput',
			] as const) {
				const run = await world.run([`[${name}] ${SECRET_PROMPT}`], {}, { onError });
				expect(traces(run)).not.toContain(world.emulator.token);
			}
			expect(world.emulator.paidPosts).toBeLessThanOrEqual(3);
		},
	);

	it('prompts are in no error and in no line that the node logs', async () => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'result' ? 'json500' : undefined);
		const scenarios = ['failing', 'lostAnswer', 'noBalance', 'quick'] as const;
		for (const name of scenarios) {
			const run = await world.run([`[${name}] ${SECRET_PROMPT}`], {
				options: { maximumWaitMinutes: 0.2 },
			});
			expect(JSON.stringify(run.data.resultData.error)).not.toContain('lighthouse');
		}
		const own = world.engine.log.filter((line) => line.includes('Kling Video'));
		expect(own.length).toBeGreaterThan(scenarios.length);
		expect(own.join('\n')).not.toContain('lighthouse');
		expect(world.emulator.paidPosts).toBe(3);
	});

	// A deployment is read before a prompt is sent, so that nothing can quote it.
	itOfModels(
		'an error of RunComfy that quotes the prompt or the token is shown without both',
		async () => {
			const echo = await OtherServer.start((headers, body) => ({
				status: 422,
				body: {
					detail: `Prompt "${(JSON.parse(body) as { prompt: string }).prompt}" refused for ${headers.authorization}`,
				},
			}));
			await world.engine.saveCredential(
				'runcomfy',
				credentialOf({ token: world.emulator.token, url: echo.url }),
			);
			const run = await world.run([SECRET_PROMPT]);
			const error = JSON.stringify(run.data.resultData.error);
			expect(error).toContain('refused for Bearer …');
			expect(error).not.toContain('lighthouse');
			expect(error).not.toContain(world.emulator.token);
			await echo.stop();
		},
	);

	it.each([
		[500, 'Call failed: '],
		[502, `${'x'.repeat(290)} `],
		[422, `${'x'.repeat(290)} `],
		[200, 'Call failed: '],
	])('a %i that quotes the call leaves the token nowhere', async (status, words) => {
		const echo = await OtherServer.start((headers) => ({
			status,
			body: { error: `${words}${headers.authorization}`, headers },
		}));
		const { token } = world.emulator;
		await world.engine.saveCredential('runcomfy', credentialOf({ token, url: echo.url }));
		const submitted = await world.run(['a boat']);
		const asked = await world.run([itemOf('a')], { operation: 'getStatus' });
		await echo.stop();
		expect(traces([submitted, asked])).not.toContain(token.slice(0, 8));
		expect(echo.seen.length).toBeGreaterThan(1);
	});

	it('a download carries no token, on the credential’s own host either', async () => {
		await world.run(['a boat']);
		const media = world.emulator.calls.filter(({ endpoint }) => endpoint === 'media');
		expect(media).toHaveLength(1);
		expect(media[0].headers.authorization).toBeUndefined();
		const files = ['media', 'objectInfo'];
		const api = world.emulator.calls.filter(({ endpoint }) => !files.includes(endpoint));
		expect(
			api.every(({ headers }) => headers.authorization === `Bearer ${world.emulator.token}`),
		).toBe(true);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it.each(['submit', 'status', 'result'] as const)(
		'a redirect of %s is not followed',
		async (endpoint) => {
			const thief = await OtherServer.start(() => ({ status: 200, body: {} }));
			world.emulator.redirectTo = thief.url;
			world.emulator.chooseFault = (call) => (call.endpoint === endpoint ? 'redirect' : undefined);
			// The status is asked for only where a result is refused while its request goes on.
			const prompt = endpoint === 'status' ? '[refusedUntilFinished] a boat' : 'a boat';
			await world.run([prompt], { options: { maximumWaitMinutes: 0.2 } });
			expect(thief.seen).toEqual([]);
			expect(world.emulator.paidPosts).toBeLessThanOrEqual(1);
			await thief.stop();
		},
	);
});

type Answer = (headers: IncomingHttpHeaders, body: string) => { status: number; body: object };

/** A server that is not the API, and notes what it sees of every call. */
class OtherServer extends LocalServer {
	readonly seen: string[] = [];

	private constructor(private readonly reply: Answer) {
		super();
	}

	static async start(reply: Answer): Promise<OtherServer> {
		return await new OtherServer(reply).listen();
	}

	protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		this.seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
		const { status, body } = this.reply(request.headers, (await readBody(request)).toString());
		send(response, json(status, body));
	}
}
