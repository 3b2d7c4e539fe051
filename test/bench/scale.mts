import { parseArgs } from 'node:util';
import { profileCpu, type CpuProfile, type ProfiledFunction } from './cpuProfile';
import { startEmulatorProcess } from './emulatorProcess';
import { scratchUserFolder } from './environment';

/**
 * Runs more and more items through one execution and prints what each costs, as JSON; with `--profile`
 * a table of where the CPU was, for people.
 */
export interface ScaleRow {
	items: number;
	seconds: number;
	cpuMsPerItem: number;
	/** In bytes. */
	heapGrowth: number;
	timersLeft: number;
	profile?: CpuProfile;
}

const CONCURRENCY = 50;
const OURS_SHOWN = 20;
const OTHERS_SHOWN = 10;

const { values } = parseArgs({
	options: {
		profile: { type: 'boolean', default: false },
		items: { type: 'string', multiple: true },
	},
});
const sizes = (values.items ?? (values.profile ? [100, 1_000] : [10, 100, 300, 1_000])).map(Number);

const cleanUp = scratchUserFolder();
const { Engine } = await import('../engine/Engine');
const { CREDENTIAL, klingWorkflow, ideas } = await import('../engine/klingWorkflow');

const emulator = await startEmulatorProcess({ scenario: 'instant' });
const engine = await Engine.start();
await engine.saveCredential(CREDENTIAL, { apiToken: emulator.token, baseUrl: emulator.url });
const options = {
	maximumConcurrency: CONCURRENCY,
	maximumRequests: 100_000,
	pollIntervalSeconds: 0.5,
};
const workflow = klingWorkflow({ options });
await engine.run(workflow, ideas('warm up'));

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

async function measure(items: number): Promise<ScaleRow> {
	const prompts = Array.from({ length: items }, (_, index) => `idea ${index}`);
	const work = async () => await engine.run(workflow, ideas(...prompts));
	global.gc?.();
	const heapBefore = process.memoryUsage().heapUsed;
	const timersBefore = timers();
	const cpuBefore = process.cpuUsage();
	const startedAt = performance.now();
	const profile = values.profile ? await profileCpu(work) : void (await work());
	const { user, system } = process.cpuUsage(cpuBefore);
	const seconds = (performance.now() - startedAt) / 1000;
	engine.log.length = 0;
	await new Promise((resolve) => setTimeout(resolve, 200));
	global.gc?.();
	return {
		items,
		seconds,
		cpuMsPerItem: (user + system) / 1000 / items,
		heapGrowth: process.memoryUsage().heapUsed - heapBefore,
		timersLeft: timers() - timersBefore,
		profile,
	};
}

function printProfile({ items, cpuMsPerItem, profile }: ScaleRow): void {
	if (!profile) return;
	const perItem = (ms: number) => (ms / items).toFixed(3);
	const owners = Object.entries(profile.msByOwner).sort(([, one], [, other]) => other - one);
	console.log(`\n${items} items, ${cpuMsPerItem.toFixed(2)} ms of CPU each while profiled`);
	console.log(owners.map(([owner, ms]) => `${owner} ${perItem(ms)} ms`).join(', '));
	const table = (functions: ProfiledFunction[]) => {
		for (const { name, file, ms, msWithNode } of functions) {
			console.log(`${perItem(msWithNode)} ${perItem(ms)}  ${name}  ${file}`);
		}
	};
	const isOurs = ({ owner }: ProfiledFunction) => owner === 'ours';
	const ours = profile.functions.filter(isOurs);
	const withNode = ours.reduce((sum, { msWithNode }) => sum + msWithNode, 0);
	console.log(`Ours, with what it calls of Node: ${perItem(withNode)} ms. With Node, alone:`);
	table(ours.slice(0, OURS_SHOWN));
	console.log('Others:');
	table(profile.functions.filter((one) => !isOurs(one)).slice(0, OTHERS_SHOWN));
}

const rows: ScaleRow[] = [];
for (const items of sizes) rows.push(await measure(items));
emulator.stop();
cleanUp();
if (values.profile) rows.forEach(printProfile);
else process.stdout.write(`${JSON.stringify(rows)}\n`);
process.exit(0);
