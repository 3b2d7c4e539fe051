import { parseArgs } from 'node:util';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { SCENARIOS } from '../emulator/scenarios';
import { seeded } from '../fixtures/seeded';
import { itemsOf } from '../fixtures/workflows';
import { scratchUserFolder } from './environment';
import { networkLatency } from './latency';

/**
 * Runs batches through n8n's engine in virtual time, where work takes no time and only waiting does, and
 * prints how long each took from the arrival of the first POST to the items as JSON. The jobs of one
 * batch take the same time; from batch to batch it is spread around the given one, by a sixth to either
 * side, so that no poll that happens to fall behind an end makes the figure.
 */
export interface VirtualBatch {
	jobSeconds: number;
	seconds: number;
	/** How often each item was asked for, on average. */
	polls: number;
}

const SPREAD = 1 / 6;

const { values } = parseArgs({
	options: {
		items: { type: 'string', default: '1' },
		job: { type: 'string', default: '120' },
		latency: { type: 'string', default: '0' },
		batches: { type: 'string', default: '40' },
	},
});
const items = Number(values.items);
const batches = Number(values.batches);

const cleanUp = scratchUserFolder();
const { Engine } = await import('../engine/Engine');
const { CREDENTIAL, ideas, klingWorkflow } = await import('../engine/klingWorkflow');
const { startVirtualTime } = await import('../engine/virtualTime');

const engine = await Engine.start();
const endVirtualTime = startVirtualTime();
const emulator = await RunComfyEmulator.start();
emulator.delay = networkLatency(Number(values.latency), 1);
await engine.saveCredential(CREDENTIAL, { apiToken: emulator.token, baseUrl: emulator.url });
const workflow = klingWorkflow({
	options: { maximumConcurrency: Math.max(20, items), maximumRequests: Math.max(100, items) },
});
const prompts = Array.from({ length: items }, (_, index) => `idea ${index}`);

const random = seeded(1);
const measured: VirtualBatch[] = [];
for (let batch = 0; batch < batches; batch++) {
	const place = (batch + random()) / batches;
	const jobSeconds = Number(values.job) * (1 + SPREAD * (2 * place - 1));
	emulator.scenario = { ...SCENARIOS.bench, runMs: jobSeconds * 1000 };
	emulator.calls.length = 0;
	const run = await engine.run(workflow, ideas(...prompts));
	const stored = itemsOf(run, 'Kling Video').filter(({ binary }) => binary).length;
	if (stored !== items) throw new Error(JSON.stringify(run.data.resultData.error));
	measured.push({
		jobSeconds,
		seconds: (Date.now() - emulator.calls[0].at) / 1000,
		polls: (emulator.count('status') + emulator.count('result')) / items,
	});
}
endVirtualTime();
cleanUp();
process.stdout.write(`${JSON.stringify(measured)}\n`);
process.exit(0);
