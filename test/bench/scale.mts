import { startEmulatorProcess } from './emulatorProcess';
import { scratchUserFolder } from './environment';

/** Runs more and more items through one execution and prints what each costs, as JSON. */
const JOB_MS = 50;
const CONCURRENCY = 50;

const cleanUp = scratchUserFolder();
const { Engine } = await import('../engine/Engine');
const { klingWorkflow, ideas } = await import('../engine/klingWorkflow');

const emulator = await startEmulatorProcess('instant');
const engine = await Engine.start();
await engine.saveCredential('runcomfy', { apiToken: emulator.token, baseUrl: emulator.url });
const options = { maxConcurrency: CONCURRENCY, pollIntervalSeconds: 0.5 };
const workflow = klingWorkflow({ options });
await engine.run(workflow, ideas('warm up'));

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

const rows = [];
for (const items of [10, 100, 300, 1_000]) {
	global.gc?.();
	const heapBefore = process.memoryUsage().heapUsed;
	const timersBefore = timers();
	const cpuBefore = process.cpuUsage();
	const startedAt = performance.now();
	await engine.run(
		workflow,
		ideas(...Array.from({ length: items }, (_, index) => `idea ${index}`)),
	);
	const { user, system } = process.cpuUsage(cpuBefore);
	const seconds = (performance.now() - startedAt) / 1000;
	engine.log.length = 0;
	await new Promise((resolve) => setTimeout(resolve, 200));
	global.gc?.();
	rows.push({
		items,
		seconds,
		cpuMsPerItem: (user + system) / 1000 / items,
		heapGrowth: process.memoryUsage().heapUsed - heapBefore,
		timersLeft: timers() - timersBefore,
	});
}
emulator.stop();
cleanUp();
process.stdout.write(`${JSON.stringify({ jobMs: JOB_MS, concurrency: CONCURRENCY, rows })}\n`);
process.exit(0);
