import { execFile } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { installN8n } from '../host/install';
import { LargeFileServer } from './largeFile';
import { batches, measureWaiting, singleJobs } from './waiting';
import { measureWeight, median } from './weight';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const { json: asJson } = parseArgs({ options: { json: { type: 'boolean' } } }).values;
const run = promisify(execFile);
const say = (line: string) => process.stderr.write(`${line}\n`);

/** One figure against its goal. `better` says on which side of the goal it should be. */
interface Figure {
	name: string;
	value: number;
	goal: number;
	better: 'less' | 'more';
	note?: string;
}
const figures: Figure[] = [];
const figure = (
	name: string,
	value: number,
	better: Figure['better'],
	goal: number,
	note?: string,
) => figures.push({ name, value: Number(value.toPrecision(3)), goal, better, note });
const passes = ({ value, goal, better }: Figure) =>
	better === 'less' ? value <= goal : value >= goal;
const spread = (values: number[]) => values.map((value) => value.toFixed(1)).join(', ');

async function child<T>(file: string, ...args: string[]): Promise<T> {
	const { stdout } = await run(
		process.execPath,
		['--expose-gc', '--import', 'tsx', join(import.meta.dirname, file), ...args],
		{ maxBuffer: 64 * MIB },
	);
	return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}

const host = await installN8n();

say('Batch: n8n’s OpenAI and Gemini video nodes beside ours, 12 s jobs (about 150 s) …');
const batch = await child<{
	jobSeconds: number;
	openAiTimes: number[];
	geminiTimes: number[];
	five: number[];
	twenty: number[];
	hundred: number[];
}>('batch.mts');
const { jobSeconds, openAiTimes, geminiTimes } = batch;
for (const [name, times] of [
	['5 items', batch.five],
	['20 items', batch.twenty],
	['100 items, concurrency 100', batch.hundred],
] as const) {
	figure(
		`Batch of ${name} ÷ one job’s time`,
		median(times) / jobSeconds,
		'less',
		1.15,
		`${spread(times)} s`,
	);
}
figure(
	'n8n’s OpenAI node ÷ ours, 5 items',
	median(openAiTimes) / median(batch.five),
	'more',
	10,
	`${spread(openAiTimes)} s against ${spread(batch.five)} s`,
);
figure(
	'n8n’s Gemini node ÷ ours, 5 items',
	median(geminiTimes) / median(batch.five),
	'more',
	1,
	`${spread(geminiTimes)} s`,
);

say('Waiting, in virtual time …');
const SPREAD = 0.2;
const single = singleJobs(400, SPREAD);
const together = batches(40, 20, 0.3, 0.08);
const points = [];
for (const seconds of [2, 3, 5, 10, 15]) {
	const cost = await measureWaiting(single, seconds * 1_000);
	points.push({ label: `every ${seconds} s`, cost, ours: false });
}
const alone = await measureWaiting(single);
const siblings = await measureWaiting(together);
points.push({ label: 'ours', cost: alone, ours: true });
points.push({ label: 'ours, batch of 20', cost: siblings, ours: true });
const fixed = points.filter(({ ours }) => !ours).map(({ cost }) => cost.product);
figure(
	'Waiting, single jobs: calls × mean delay ÷ job time',
	alone.product,
	'less',
	0.25,
	`${alone.calls.toFixed(1)} calls, ${alone.meanDelay.toFixed(2)} s mean, ${alone.p95Delay.toFixed(1)} s p95; log-normal, median 120 s, sigma ${SPREAD}; fixed intervals ${Math.min(...fixed).toFixed(2)} to ${Math.max(...fixed).toFixed(2)}`,
);
figure('Waiting, single jobs: mean delay in s', alone.meanDelay, 'less', 2.5);
figure(
	'Waiting, batch of 20: calls × mean delay ÷ job time',
	siblings.product,
	'less',
	0.125,
	`${siblings.calls.toFixed(1)} calls, ${siblings.meanDelay.toFixed(2)} s mean, ${siblings.p95Delay.toFixed(1)} s p95; siblings within sigma 0.08`,
);

say('Memory: files of 1 GiB …');
interface Memory {
	overIdle: number;
	seconds: number;
	stored: number;
	error?: string;
}
const server = await LargeFileServer.start(GIB);
const target = join(tmpdir(), `curl-${process.pid}.mp4`);
const curl: number[] = [];
const ours: Memory[] = [];
const httpRequest: Memory[] = [];
const bare: Memory[] = [];
for (let round = 0; round < 3; round++) {
	const startedAt = performance.now();
	await run('curl', ['-s', '-o', target, `${server.url}/file.mp4`]);
	curl.push((performance.now() - startedAt) / 1000);
	if (statSync(target).size !== GIB) throw new Error('curl did not get the whole file');
	rmSync(target);
	ours.push(await child<Memory>('memory.mts', 'ours', server.url, '1'));
	httpRequest.push(await child<Memory>('memory.mts', 'httpRequest', server.url, '1'));
	bare.push(await child<Memory>('memory.mts', 'bare', server.url, '1'));
}
const buffer = await child<Memory>('memory.mts', 'buffer', server.url, '1');
const ten = await child<Memory>('memory.mts', 'ours', server.url, '10');
await server.stop();
const mib = (all: Memory[]) => all.map(({ overIdle }) => Math.round(overIdle / MIB)).join(', ');
figure(
	'Memory for 1 GiB: peak RSS over idle in MiB',
	median(ours.map(({ overIdle }) => overIdle)) / MIB,
	'less',
	48,
	`${mib(ours)}; n8n’s HTTP Request node ${mib(httpRequest)}; n8n’s own functions alone ${mib(bare)}; a node that buffers (n8n’s Gemini) ${mib([buffer])}`,
);
figure(
	'Speed for 1 GiB ÷ curl’s',
	median(curl) / median(ours.map(({ seconds }) => seconds)),
	'more',
	0.8,
	`${spread(ours.map(({ seconds }) => seconds))} s; n8n’s HTTP Request node ${spread(httpRequest.map(({ seconds }) => seconds))} s; n8n’s own functions alone ${spread(bare.map(({ seconds }) => seconds))} s; curl ${spread(curl)} s`,
);
figure(
	'Speed for 1 GiB ÷ that of n8n’s own functions alone',
	median(bare.map(({ seconds }) => seconds)) / median(ours.map(({ seconds }) => seconds)),
	'more',
	0.9,
);
figure(
	'Ten files of 1 GiB at once: peak RSS over idle in MiB',
	ten.overIdle / MIB,
	'less',
	480,
	`${ten.stored} stored in ${ten.seconds.toFixed(1)} s`,
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
const scale = await child<{
	rows: Array<{
		items: number;
		seconds: number;
		cpuMsPerItem: number;
		heapGrowth: number;
		timersLeft: number;
	}>;
}>('scale.mts');
const row = (items: number) =>
	scale.rows.find((candidate) => candidate.items === items) ?? scale.rows[0];
const thousand = row(1_000);
figure(
	'1,000 items: CPU ms an item ÷ that of 100',
	thousand.cpuMsPerItem / row(100).cpuMsPerItem,
	'less',
	1.2,
	`${scale.rows.map(({ items, cpuMsPerItem, seconds }) => `${items}: ${cpuMsPerItem.toFixed(1)} ms, ${seconds.toFixed(1)} s`).join('; ')}`,
);
figure('1,000 items: heap kept afterwards, in MiB', thousand.heapGrowth / MIB, 'less', 5);
figure('1,000 items: timers left', thousand.timersLeft, 'less', 0);

say('Weight …');
const weight = measureWeight(host);
figure(
	'Tarball in kB',
	weight.packedBytes / 1_000,
	'less',
	60,
	`${Math.round(weight.unpackedBytes / 1_000)} kB unpacked`,
);
figure(
	'Time to require ÷ the median of n8n’s own nodes',
	weight.ourMs / weight.medianPeerMs,
	'less',
	1.5,
	`${weight.ourMs.toFixed(1)} ms against ${weight.medianPeerMs.toFixed(1)} ms of ${Object.keys(weight.peersMs).length} nodes`,
);

if (asJson) {
	const result = {
		figures: figures.map((one) => ({ ...one, pass: passes(one) })),
		batch,
		points,
		curl,
		ours,
		httpRequest,
		buffer,
		ten,
		pictures,
		scale,
		weight,
	};
	process.stdout.write(`${JSON.stringify(result, null, '\t')}\n`);
} else {
	console.log('| figure | measured | goal | | runs |\n| --- | --- | --- | --- | --- |');
	for (const one of figures) {
		const bound = `${one.better === 'less' ? '≤' : '≥'} ${one.goal}`;
		console.log(
			`| ${one.name} | ${one.value} | ${bound} | ${passes(one) ? 'pass' : 'miss'} | ${one.note ?? ''} |`,
		);
	}
}
process.exit(0);
