import { execFile } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { installN8n } from '../host/install';
import type { BatchRun } from './batch.mts';
import { child } from './child';
import { asTable, list, mean, passes, toFigure, type Figure } from './figures';
import { LargeFileServer } from './largeFile';
import type { RivalTimes } from './rivals.mts';
import type { ScaleRow } from './scale.mts';
import type { VirtualBatch } from './virtualBatch.mts';
import { measureWeight, median } from './weight';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const { json: asJson } = parseArgs({ options: { json: { type: 'boolean' } } }).values;
const run = promisify(execFile);
const say = (line: string) => process.stderr.write(`${line}\n`);

const figures: Figure[] = [];
const figure = (...parts: Parameters<typeof toFigure>) => figures.push(toFigure(...parts));
const medianOf = <T,>(all: T[], value: (one: T) => number) => median(all.map(value));

const JOB_SECONDS = 12;
const LATENCIES = [0, 150, 500];
const ON_EACH_NETWORK = `at ${LATENCIES.join(' / ')} ms an answer`;

/** Runs a batch on one network after another, so that none takes the CPU of another. */
async function onEachNetwork(...args: string[]): Promise<BatchRun[][]> {
	const all: BatchRun[][] = [];
	for (const latency of LATENCIES) {
		all.push(await child<BatchRun[]>('batch.mts', ...args, '--latency', String(latency)));
	}
	return all;
}
/** The same without the work of the CPU, for the jobs of each batch take longer or shorter. */
async function inVirtualTime(...args: string[]): Promise<number[]> {
	const ratios: number[] = [];
	for (const latency of LATENCIES) {
		const all = await virtualBatches('--job', '12', '--latency', String(latency), ...args);
		ratios.push(1 + mean(all.map(beyond)));
	}
	return ratios;
}
const virtualBatches = async (...args: string[]) =>
	await child<VirtualBatch[]>('virtualBatch.mts', ...args);
const beyond = ({ jobSeconds, seconds }: VirtualBatch) => (seconds - jobSeconds) / jobSeconds;

function batchFigure(items: string, all: BatchRun[][], goals: number[], virtual: number[]): void {
	figure(
		`Batch of ${items} ÷ one job’s time, ${ON_EACH_NETWORK}`,
		all.map((runs) => medianOf(runs, ({ seconds }) => seconds) / JOB_SECONDS),
		'less',
		goals,
		`${all.map((runs) => list(runs.map(({ seconds }) => seconds))).join(' / ')} s; mean over jobs of 10 to 14 s, in virtual time: ${virtual.map((ratio) => ratio.toFixed(2)).join(' / ')}`,
	);
}

const host = await installN8n();

say('Batches: n8n’s OpenAI and Gemini video nodes, 5 items, and 20 items (about 4 minutes) …');
const atHalfASecond = ['--latency', '500'];
const [rivals, [twenty, hanging]] = await Promise.all([
	// These wait and do next to nothing, so that the others run beside them.
	child<RivalTimes[]>('rivals.mts', ...LATENCIES.flatMap((ms) => ['--latency', String(ms)])),
	onEachNetwork('--items', '20').then(async (runs) => {
		const withHanging = async (post: string) =>
			await child<BatchRun[]>('batch.mts', '--items', '20', '--hanging', post, ...atHalfASecond);
		return [runs, await Promise.all(['1', '11'].map(withHanging))] as const;
	}),
]);
say('Batches: 100 items (about 3 minutes) …');
const hundred = await onEachNetwork('--items', '100', '--concurrency', '100');
say('Batches: 300 items (about a minute) …');
const threeHundred = ['--items', '300', '--concurrency', '100', '--repeats', '1'];
const many = await child<BatchRun[]>('batch.mts', ...threeHundred, ...atHalfASecond);
const manyAtOnce = await child<BatchRun[]>('batch.mts', ...threeHundred);

say('The same in virtual time …');
const twentyVirtual = await inVirtualTime('--items', '20', '--batches', '12');
const hundredVirtual = await inVirtualTime('--items', '100', '--batches', '6');

const five = rivals.map(({ ours }) => median(ours) / JOB_SECONDS);
const times = (of: keyof RivalTimes) => `${rivals.map((all) => list(all[of])).join(' / ')} s`;
figure(
	`Batch of 5 items ÷ one job’s time, ${ON_EACH_NETWORK}`,
	five,
	'less',
	[1.1, 1.15, 1.3],
	times('ours'),
);
batchFigure('20 items', twenty, [1.1, 1.15, 1.3], twentyVirtual);
batchFigure('100 items, concurrency 100,', hundred, [1.15, 1.25, 1.5], hundredVirtual);
for (const [name, of, goals] of [
	['OpenAI', 'openAi', [10, 10, 10]],
	['Gemini', 'gemini', [1, 1, 1]],
] as const) {
	figure(
		`n8n’s ${name} node ÷ ours, 5 items, ${ON_EACH_NETWORK}`,
		rivals.map((all) => median(all[of]) / median(all.ours)),
		'more',
		[...goals],
		times(of),
	);
}
figure(
	'300 items, concurrency 100, 500 ms: last paid POST after, in s',
	many[0].lastPostSeconds,
	'less',
	35,
	`all in ${many[0].seconds.toFixed(1)} s; 100 items: ${list(hundred[2].map(({ lastPostSeconds }) => lastPostSeconds))} s`,
);
const undisturbed = medianOf(twenty[2], ({ lastFileSeconds }) => lastFileSeconds);
figure(
	'One paid POST of 20 hangs, the 1st / the 11th, 500 ms: time of the other 19 ÷ of 20 when none hangs',
	hanging.map((runs) => medianOf(runs, ({ lastFileSeconds }) => lastFileSeconds) / undisturbed),
	'less',
	[1.05, 1.05],
	`${hanging.map((runs) => list(runs.map(({ lastFileSeconds }) => lastFileSeconds))).join(' / ')} s against ${list(twenty[2].map(({ lastFileSeconds }) => lastFileSeconds))} s`,
);
figure(
	'300 items, concurrency 100, at 0 / 500 ms: the longest time that the event loop is blocked, in ms',
	[manyAtOnce[0].stallMs, many[0].stallMs],
	'less',
	[200, 200],
);

const single120 = await virtualBatches('--job', '120', ...atHalfASecond);
const percent = (part: number) => (100 * part).toFixed(1);
figure(
	'One job of 120 s, 500 ms: from the POST to the item, beyond the job’s own time, in %',
	100 * mean(single120.map(beyond)),
	'less',
	4,
	`mean of ${single120.length} jobs of 100 to 140 s, ${percent(Math.min(...single120.map(beyond)))} to ${percent(Math.max(...single120.map(beyond)))} %`,
);

say('Polling, in virtual time …');
figures.push(...(await child<Figure[]>('polling.mts', '--json')));

say('Memory: files of 1 GiB (about 2 minutes) …');
interface Memory {
	overIdle: number;
	seconds: number;
	stored: number;
	error?: string;
}
const server = await LargeFileServer.start(GIB);
async function download(way: string, copies = 1): Promise<Memory> {
	const memory = await child<Memory>('memory.mts', way, server.url, String(copies));
	if (memory.stored !== copies) throw new Error(`${way}: ${memory.error}`);
	return memory;
}
const target = join(tmpdir(), `curl-${process.pid}.mp4`);
const curl: number[] = [];
const ours: Memory[] = [];
const httpRequest: Memory[] = [];
const bare: Memory[] = [];
for (let round = 0; round < 5; round++) {
	const startedAt = performance.now();
	await run('curl', ['-s', '-o', target, `${server.url}/file.mp4`]);
	curl.push((performance.now() - startedAt) / 1000);
	if (statSync(target).size !== GIB) throw new Error('curl did not get the whole file');
	rmSync(target);
	ours.push(await download('ours'));
	bare.push(await download('bare'));
	httpRequest.push(await download('httpRequest'));
}
const buffer = await download('buffer');
const ten = await download('ours', 10);
await server.stop();
const mib = (all: Memory[]) => all.map(({ overIdle }) => Math.round(overIdle / MIB)).join(', ');
const took = (all: Memory[]) => `${list(all.map(({ seconds }) => seconds))} s`;
const overBare = (value: (memory: Memory) => number) =>
	medianOf(ours, value) / medianOf(bare, value);
figure(
	'A file of 1 GiB: peak RSS over idle ÷ that of n8n’s own functions alone',
	overBare(({ overIdle }) => overIdle),
	'less',
	1.1,
	`${mib(ours)} MiB; n8n’s own functions alone ${mib(bare)}; n8n’s HTTP Request node ${mib(httpRequest)}; a node that buffers (n8n’s Gemini) ${mib([buffer])}`,
);
figure(
	'A file of 1 GiB: time ÷ that of n8n’s own functions alone',
	overBare(({ seconds }) => seconds),
	'less',
	1.1,
	`${took(ours)}; n8n’s own functions alone ${took(bare)}; n8n’s HTTP Request node ${took(httpRequest)}; curl, the limit of the machine, ${list(curl)} s`,
);
figure(
	'Ten files of 1 GiB at once: peak RSS over idle in MiB',
	ten.overIdle / MIB,
	'less',
	480,
	took([ten]),
);

say('Pictures: 20 items with 5 MiB each …');
const pictures = await child<{ overIdle: number; seconds: number }>('pictures.mts');
figure(
	'20 items with a picture of 5 MiB each: peak RSS over idle in MiB',
	pictures.overIdle / MIB,
	'less',
	120,
	`${pictures.seconds.toFixed(1)} s`,
);

say('Scale: up to 1,000 items …');
const scale = await child<ScaleRow[]>('scale.mts');
const row = (items: number) => scale.find((candidate) => candidate.items === items) ?? scale[0];
const thousand = row(1_000);
figure(
	'1,000 items: CPU ms an item ÷ that of 100',
	thousand.cpuMsPerItem / row(100).cpuMsPerItem,
	'less',
	1.2,
	scale
		.map((one) => `${one.items}: ${one.cpuMsPerItem.toFixed(1)} ms, ${one.seconds.toFixed(1)} s`)
		.join('; '),
);
figure('1,000 items: heap kept afterwards, in MiB', thousand.heapGrowth / MIB, 'less', 5);
figure('1,000 items: timers left', thousand.timersLeft, 'less', 0);

say('Weight …');
const weight = measureWeight(host);
figure(
	'Tarball in kB',
	weight.packedBytes / 1_000,
	'less',
	80,
	`${Math.round(weight.unpackedBytes / 1_000)} kB unpacked`,
);
figure(
	'Time to require all nodes ÷ the median of n8n’s own nodes',
	weight.ourMs / weight.medianPeerMs,
	'less',
	1.5,
	`${weight.ourMs.toFixed(1)} ms against ${weight.medianPeerMs.toFixed(1)} ms of ${Object.keys(weight.peersMs).length} nodes`,
);

if (asJson) {
	const result = {
		figures: figures.map((one) => ({ ...one, pass: passes(one) })),
		latencies: LATENCIES,
		rivals,
		twenty,
		hundred,
		threeHundred: [manyAtOnce, many],
		hanging,
		single120,
		curl,
		ours,
		bare,
		httpRequest,
		buffer,
		ten,
		pictures,
		scale,
		weight,
	};
	process.stdout.write(`${JSON.stringify(result, null, '\t')}\n`);
} else {
	console.log(asTable(figures));
}
process.exit(0);
