import { parseArgs } from 'node:util';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { SCENARIOS } from '../emulator/scenarios';
import { itemsOf } from '../fixtures/workflows';
import { scratchUserFolder } from './environment';
import { networkLatency } from './latency';

/**
 * Runs jobs of about 120 s one by one through n8n's engine, in virtual time, and prints how long each
 * took from the arrival of its POST to its item as JSON. Their lengths are spread evenly, so that no
 * poll that happens to fall behind an end makes the figure.
 */
export interface SingleJob {
	jobSeconds: number;
	seconds: number;
}

const SHORTEST_MS = 100_000;
const LONGEST_MS = 140_000;

const { values } = parseArgs({
	options: {
		latency: { type: 'string', default: '500' },
		jobs: { type: 'string', default: '40' },
	},
});
const jobs = Number(values.jobs);

const cleanUp = scratchUserFolder();
const { Engine } = await import('../engine/Engine');
const { CREDENTIAL, ideas, klingWorkflow } = await import('../engine/klingWorkflow');
const { startVirtualTime } = await import('../engine/virtualTime');

const engine = await Engine.start();
const endVirtualTime = startVirtualTime();
const emulator = await RunComfyEmulator.start();
emulator.delay = networkLatency(Number(values.latency), 1);
await engine.saveCredential(CREDENTIAL, { apiToken: emulator.token, baseUrl: emulator.url });

const measured: SingleJob[] = [];
for (let job = 0; job < jobs; job++) {
	const runMs = SHORTEST_MS + ((LONGEST_MS - SHORTEST_MS) * (job + 0.5)) / jobs;
	emulator.scenario = { ...SCENARIOS.bench, runMs };
	emulator.calls.length = 0;
	const run = await engine.run(klingWorkflow(), ideas(`idea ${job}`));
	const [item] = itemsOf(run, 'Kling Video');
	if (!item?.binary) throw new Error(JSON.stringify(run.data.resultData.error));
	measured.push({
		jobSeconds: runMs / 1000,
		seconds: (Date.now() - emulator.calls[0].at) / 1000,
	});
}
endVirtualTime();
cleanUp();
process.stdout.write(`${JSON.stringify(measured)}\n`);
process.exit(0);
