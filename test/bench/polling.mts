import { parseArgs } from 'node:util';
import { child } from './child';
import { asTable, list, mean, toFigure, type Figure } from './figures';
import type { VirtualBatch } from './virtualBatch.mts';

/**
 * Measures the rule for polling: how late the end of a request is seen, and in how many polls. In virtual
 * time, with 150 ms an answer. Prints a table, or with `--json` the figures.
 */
const { json: asJson } = parseArgs({ options: { json: { type: 'boolean' } } }).values;

/** The batches of each length of job, one after another. */
type Rows = VirtualBatch[][];

async function measure(items: number, jobs: number[], batches: number): Promise<Rows> {
	const size = ['--items', String(items), '--batches', String(batches), '--latency', '150'];
	const rows: Rows = [];
	for (const seconds of jobs) {
		rows.push(await child<VirtualBatch[]>('virtualBatch.mts', ...size, '--job', String(seconds)));
	}
	return rows;
}

const lateness = ({ seconds, jobSeconds }: VirtualBatch) => seconds - jobSeconds;
const ratio = ({ seconds, jobSeconds }: VirtualBatch) => seconds / jobSeconds;
const polls = (batch: VirtualBatch) => batch.polls;
const means = (rows: Rows, value: (batch: VirtualBatch) => number) =>
	rows.map((batches) => mean(batches.map(value)));

const lateOnAverage = (name: string, rows: Rows, goals: number[]): Figure =>
	toFigure(
		`${name}: late on average, in s`,
		means(rows, lateness),
		'less',
		goals,
		`${list(means(rows, polls))} polls`,
	);
const lastOfBatch = (name: string, rows: Rows, goals: number[]): Figure =>
	toFigure(
		`${name}: the last ÷ one job’s time`,
		means(rows, ratio),
		'less',
		goals,
		`${list(means(rows, lateness))} s late; ${list(means(rows, polls))} polls an item`,
	);

// Side by side: the work of the machine takes no time here.
const [images, videos, twenty, hundred] = await Promise.all([
	measure(1, [5, 12, 20], 40),
	measure(1, [60, 120, 300], 40),
	measure(20, [5, 12, 60, 120], 20),
	measure(100, [12, 60], 6),
]);
const figures = [
	lateOnAverage('One job of 5 / 12 / 20 s', images, [1.5, 1.5, 1.5]),
	toFigure(
		'One job of 5 / 12 / 20 s: late at worst, in s',
		images.map((batches) => Math.max(...batches.map(lateness))),
		'less',
		[2.5, 2.5, 2.5],
	),
	lateOnAverage('One job of 60 / 120 / 300 s', videos, [2.5, 3, 6]),
	lastOfBatch('20 items of 5 / 12 / 60 / 120 s', twenty, [1.5, 1.15, 1.05, 1.03]),
	lastOfBatch('100 items of 12 / 60 s, Maximum Concurrency 100', hundred, [1.2, 1.05]),
	toFigure('One job of 120 s: polls', means(videos, polls)[1], 'less', 50),
];
process.stdout.write(`${asJson ? JSON.stringify(figures) : asTable(figures)}\n`);
