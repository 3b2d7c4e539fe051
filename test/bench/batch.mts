import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { itemsOf } from '../fixtures/workflows';
import { startEmulatorProcess, type Arrival } from './emulatorProcess';
import { scratchUserFolder } from './environment';

/**
 * Runs a batch of 12 s jobs through n8n's engine, again and again, and prints each `BatchRun` as JSON.
 * With `--hanging` a paid POST gets no answer for a minute, and the run is stopped when all others have
 * their files.
 */
export interface BatchRun {
	/** From the start of the execution to its end. */
	seconds: number;
	/** To the arrival of the last paid POST. */
	lastPostSeconds: number;
	/** To the arrival of the last download: of all, or of all but the one whose POST hangs. */
	lastFileSeconds: number;
	/** The longest time that the event loop stalled, up to 10 ms too much. */
	stallMs: number;
	callsPerItem: number;
}

const BOUND_MS = 120_000;

const { values } = parseArgs({
	options: {
		items: { type: 'string', default: '20' },
		latency: { type: 'string', default: '0' },
		repeats: { type: 'string', default: '3' },
		concurrency: { type: 'string' },
		hanging: { type: 'string' },
	},
});
const items = Number(values.items);
const latencyMs = Number(values.latency);
const hangingPost = values.hanging ? Number(values.hanging) : undefined;
const files = hangingPost ? items - 1 : items;
const options = {
	maximumRequests: 100_000,
	...(values.concurrency && { maximumConcurrency: Number(values.concurrency) }),
};

const cleanUp = scratchUserFolder();
const { Engine } = await import('../engine/Engine');
const { CREDENTIAL, ideas, klingWorkflow } = await import('../engine/klingWorkflow');
const engine = await Engine.start();

const arrivalsAt = (calls: Arrival[], endpoint: Arrival['endpoint']) =>
	calls.filter((call) => call.endpoint === endpoint).map(({ at }) => at);

async function runBatch(seed: number): Promise<BatchRun> {
	const emulator = await startEmulatorProcess({ scenario: 'bench', latencyMs, seed, hangingPost });
	const { token: apiToken, url: baseUrl } = emulator;
	await engine.saveCredential(CREDENTIAL, { apiToken, baseUrl });
	const prompts = Array.from({ length: items }, (_, index) => `idea ${index}`);
	engine.log.length = 0;

	const eventLoop = monitorEventLoopDelay({ resolution: 10 });
	eventLoop.enable();
	const startedAt = Date.now();
	const execution = engine.start(klingWorkflow({ options }), ideas(...prompts));
	if (hangingPost) {
		for (;;) {
			await new Promise((resolve) => setTimeout(resolve, 500));
			if (arrivalsAt(await emulator.calls(), 'media').length >= files) break;
			if (Date.now() - startedAt > BOUND_MS) throw new Error('The others do not come to an end');
		}
		execution.stop();
	}
	const run = await execution.finished;
	const seconds = (Date.now() - startedAt) / 1000;
	eventLoop.disable();

	const stored = itemsOf(run, 'Kling Video').filter(({ binary }) => binary).length;
	if (!hangingPost && stored !== items) {
		throw new Error(`${stored} of ${items}: ${JSON.stringify(run.data.resultData.error)}`);
	}
	const calls = await emulator.calls();
	emulator.stop();
	const secondsTo = (at: number) => (at - startedAt) / 1000;
	return {
		seconds,
		lastPostSeconds: secondsTo(Math.max(...arrivalsAt(calls, 'submit'))),
		lastFileSeconds: secondsTo(arrivalsAt(calls, 'media')[files - 1]),
		stallMs: eventLoop.max / 1e6,
		callsPerItem: calls.length / items,
	};
}

const runs: BatchRun[] = [];
for (let seed = 1; seed <= Number(values.repeats); seed++) runs.push(await runBatch(seed));
cleanUp();
process.stdout.write(`${JSON.stringify(runs)}\n`);
process.exit(0);
