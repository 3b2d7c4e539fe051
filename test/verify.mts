import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const logs = join(root, 'output/verify');
const LOG_LINES_SHOWN = 60;

/** Everything that can run on one machine, from what takes seconds to what takes minutes. */
const STEPS = [
	'lint',
	'test',
	'test:node20',
	'demo',
	'test:compat',
	'test:e2e',
	'test:queue',
	'test:editor',
	'bench',
];

/** Runs one npm script with its output in a file. */
async function run(step: string, log: string): Promise<boolean> {
	const output = openSync(log, 'w');
	const child = spawn('npm', ['run', step], { cwd: root, stdio: ['ignore', output, output] });
	const [code] = (await once(child, 'close')) as [number];
	closeSync(output);
	return code === 0;
}

/** How many tests passed, failed or were skipped, by the line that Jest ends with. */
function testsIn(text: string, outcome: 'passed' | 'failed' | 'skipped'): number {
	const line = text.split('\n').findLast((each) => each.startsWith('Tests: ')) ?? '';
	return Number(new RegExp(`(\\d+) ${outcome}`).exec(line)?.[1] ?? 0);
}

const { only, without, list } = parseArgs({
	options: {
		only: { type: 'string', multiple: true, default: STEPS },
		without: { type: 'string', multiple: true, default: [] },
		list: { type: 'boolean', default: false },
	},
}).values;
const unknown = [...only, ...without].filter((step) => !STEPS.includes(step));
if (unknown.length > 0) {
	console.error(`There is no step ${unknown.join(', ')}. The steps are ${STEPS.join(', ')}.`);
	process.exit(2);
}

const steps = STEPS.filter((step) => only.includes(step) && !without.includes(step));
if (list) {
	console.log(JSON.stringify(steps));
	process.exit(0);
}

mkdirSync(logs, { recursive: true });
let passed = 0;
let failed = 0;
for (const step of steps) {
	const log = join(logs, `${step.replace(':', '-')}.log`);
	const startedAt = performance.now();
	const succeeded = await run(step, log);
	const seconds = Math.round((performance.now() - startedAt) / 1000);
	const text = readFileSync(log, 'utf8');
	const [good, bad, skipped] = (['passed', 'failed', 'skipped'] as const).map((outcome) =>
		testsIn(text, outcome),
	);
	passed += good + (succeeded ? 1 : 0);
	failed += bad + (succeeded ? 0 : 1);
	const tests = [
		good > 0 && `${good} tests passed`,
		bad > 0 && `${bad} failed`,
		skipped > 0 && `${skipped} skipped`,
	].filter(Boolean);
	console.log(
		`${succeeded ? '✓' : '✗'} npm run ${step.padEnd(12)} ${String(seconds).padStart(4)} s  ${tests.join(', ')}`,
	);
	if (!succeeded) {
		console.log(text.split('\n').slice(-LOG_LINES_SHOWN).join('\n'));
		console.log(`All of it is in ${relative(root, log)}`);
	}
}
console.log(`${Math.round(performance.now() / 1000)} s in all`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
