import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const N8N_VERSION = '2.41.1';

/**
 * Makes sure that this machine has an n8n of its own for tests and development, outside the clone, and
 * installed once. Takes a few minutes and 2.9 GB the first time, nothing afterwards.
 *
 * @returns the folder whose `node_modules` holds n8n
 */
export async function installN8n(): Promise<string> {
	const cache = process.env.N8N_HOST_CACHE ?? join(homedir(), '.cache', 'n8n-nodes-runcomfy');
	const folder = join(cache, `n8n-${N8N_VERSION}`);
	if (existsSync(join(folder, 'installed'))) return folder;

	console.log(
		`Installing n8n ${N8N_VERSION} into ${folder}, once for this machine: about 2.9 GB, 3 to 8 minutes.`,
	);
	const unfinished = `${folder}.unfinished`;
	rmSync(unfinished, { recursive: true, force: true });
	mkdirSync(unfinished, { recursive: true });
	const manifest = {
		name: 'n8n-host',
		private: true,
		dependencies: { n8n: N8N_VERSION },
		// n8n's own range can choose a version that is not to be had everywhere.
		overrides: { linkedom: '0.18.12' },
	};
	writeFileSync(join(unfinished, 'package.json'), JSON.stringify(manifest));

	const startedAt = Date.now();
	const progress = setInterval(() => {
		console.log(`… still installing n8n, ${Math.round((Date.now() - startedAt) / 1000)} s`);
	}, 30_000);
	try {
		await npm(unfinished, 'install', '--ignore-scripts', '--no-audit', '--no-fund');
		await npm(unfinished, 'rebuild', 'sqlite3');
	} finally {
		clearInterval(progress);
	}
	writeFileSync(join(unfinished, 'installed'), new Date().toISOString());
	renameSync(unfinished, folder);
	console.log(`n8n is installed (${Math.round((Date.now() - startedAt) / 1000)} s).`);
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
