import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const N8N_VERSION = '2.41.1';

/** What goes into a folder of its own, outside the clone, once for a machine. */
interface Installation {
	/** Name of the folder. */
	name: string;
	dependencies: Record<string, string>;
	overrides?: Record<string, string>;
	/** Packages whose install scripts must run. */
	rebuild?: string[];
	/** What it costs, for whoever watches. */
	takes: string;
}

/**
 * Makes sure that this machine has an n8n of its own for tests and development. Takes a few minutes and
 * 2.9 GB the first time, nothing afterwards.
 *
 * @returns the folder whose `node_modules` holds n8n
 */
export async function installN8n(): Promise<string> {
	return await installOnce({
		name: `n8n-${N8N_VERSION}`,
		dependencies: { n8n: N8N_VERSION },
		// n8n's own range can choose a version that not every registry has.
		overrides: { linkedom: '0.18.12' },
		rebuild: ['sqlite3'],
		takes: 'about 2.9 GB, 3 to 8 minutes',
	});
}

/**
 * The same for n8n's engine alone in another version.
 *
 * @returns the folder whose `node_modules` holds n8n-core and n8n-workflow
 */
export async function installEngine(core: string, workflow: string): Promise<string> {
	return await installOnce({
		name: `n8n-core-${core}`,
		dependencies: { 'n8n-core': core, 'n8n-workflow': workflow },
		takes: 'about 250 MB, half a minute',
	});
}

/**
 * The same for the oldest Node that we promise, which n8n 1.123 runs on.
 *
 * @returns its executable
 */
export async function installNode20(): Promise<string> {
	const folder = await installOnce({
		name: 'node-20',
		dependencies: { node: '20' },
		rebuild: ['node'],
		takes: 'about 100 MB, some seconds',
	});
	return join(folder, 'node_modules/node/bin/node');
}

async function installOnce({
	name,
	dependencies,
	overrides,
	rebuild = [],
	takes,
}: Installation): Promise<string> {
	const cache = process.env.N8N_HOST_CACHE ?? join(homedir(), '.cache', 'n8n-nodes-runcomfy');
	const folder = join(cache, name);
	if (existsSync(join(folder, 'installed'))) return folder;

	console.error(`Installing ${name} into ${folder}, once for this machine: ${takes}.`);
	const unfinished = `${folder}.unfinished`;
	rmSync(unfinished, { recursive: true, force: true });
	mkdirSync(unfinished, { recursive: true });
	const manifest = { name: 'n8n-host', private: true, dependencies, overrides };
	writeFileSync(join(unfinished, 'package.json'), JSON.stringify(manifest));

	const startedAt = Date.now();
	const passed = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
	const progress = setInterval(
		() => console.error(`… still installing ${name}, ${passed()}`),
		30_000,
	);
	try {
		await npm(unfinished, 'install', '--ignore-scripts', '--no-audit', '--no-fund');
		for (const dependency of rebuild) await npm(unfinished, 'rebuild', dependency);
	} finally {
		clearInterval(progress);
	}
	writeFileSync(join(unfinished, 'installed'), new Date().toISOString());
	renameSync(unfinished, folder);
	console.error(`${name} is installed (${passed()}).`);
	return folder;
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		let output = '';
		const child = spawn('npm', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
		for (const stream of [child.stdout, child.stderr]) {
			stream.on('data', (chunk: Buffer) => (output = `${output}${chunk}`.slice(-4_000)));
		}
		child.on('error', reject);
		child.on('exit', (code) =>
			code === 0
				? resolve()
				: reject(new Error(`npm ${args.join(' ')} ended with ${code}\n${output}`)),
		);
	});
}
