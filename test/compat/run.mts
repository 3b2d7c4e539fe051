import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installEngine } from '../host/install';
import { packAndUnpack } from '../package/pack';
import { versions } from './versions';

const root = resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'compat-'));
const unpacked = join(scratch, 'package');

interface Report {
	numPassedTests: number;
	numFailedTests: number;
	numFailedTestSuites: number;
}

/** Runs the engine's tests with the tarball in one version of n8n's engine; shows what fails. */
async function test(engine: string): Promise<Report> {
	const file = join(scratch, 'report.json');
	const flags = ['--config', 'test/compat/jest.config.mjs', '--json', `--outputFile=${file}`];
	const jest = spawn('jest', flags, {
		cwd: root,
		env: { ...process.env, N8N_ENGINE_FOLDER: engine, PACKAGE_FOLDER: unpacked },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let output = '';
	jest.stderr.on('data', (chunk: Buffer) => (output += chunk));
	const [code] = await once(jest, 'exit');
	if (code !== 0) console.error(output);
	return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

let passed = 0;
let failed = 0;
mkdirSync(unpacked);
packAndUnpack(scratch, unpacked);
for (const { n8n, core, workflow } of versions) {
	const report = await test(await installEngine(core, workflow));
	const broken = report.numFailedTests + report.numFailedTestSuites;
	console.log(
		`n8n ${n8n.padEnd(9)} (n8n-core ${core}): ${report.numPassedTests} passed, ${broken} failed`,
	);
	passed += report.numPassedTests;
	failed += broken;
}
rmSync(scratch, { recursive: true });
console.log(`Tests:       ${failed > 0 ? `${failed} failed, ` : ''}${passed} passed in all`);
process.exit(failed === 0 ? 0 : 1);
