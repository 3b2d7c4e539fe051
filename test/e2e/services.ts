import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, freePort, until, untilListening } from '../host/processes';

const REDIS = '/usr/bin/redis-server';
const POSTGRES = '/usr/lib/postgresql';

/** What queue mode needs beside n8n, from Debian's packages. */
export const missingServices = [
	!existsSync(REDIS) && 'redis-server',
	!existsSync(POSTGRES) && 'postgresql',
].filter(Boolean);

/** A service of the tests' own, on a free port, with a scratch folder. */
export interface Service {
	port: number;
	stop(): Promise<void>;
}

export async function startRedis(): Promise<Service> {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), 'redis-'));
	const flags = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
	const child = spawn(REDIS, flags, { stdio: 'ignore', detached: true });
	return await listening(port, child, folder);
}

/** PostgreSQL refuses to run as root, so it runs as its own user. */
export async function startPostgres(): Promise<Service> {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
	const version = readdirSync(POSTGRES).sort().at(-1) ?? '';
	const bin = join(POSTGRES, version, 'bin');
	const asRoot = process.getuid?.() === 0;
	const command = (...words: string[]): [string, string[]] =>
		asRoot ? ['runuser', ['-u', 'postgres', '--', ...words]] : [words[0], words.slice(1)];
	if (asRoot) execFileSync('chown', ['postgres', folder]);
	const data = join(folder, 'data');
	execFileSync(...command(join(bin, 'initdb'), '-D', data, '-U', 'n8n', '--auth=trust'), {
		stdio: 'ignore',
	});
	const options = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', folder, '-c', 'fsync=off'];
	const child = spawn(...command(join(bin, 'postgres'), ...options), {
		stdio: 'ignore',
		detached: true,
	});
	const service = await listening(port, child, folder);
	await until(
		() => {
			try {
				const where = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'n8n'];
				execFileSync(join(bin, 'createdb'), [...where, 'n8n'], { stdio: 'ignore' });
				return true;
			} catch {
				return undefined;
			}
		},
		20_000,
		'PostgreSQL',
	);
	return service;
}

async function listening(port: number, child: ChildProcess, folder: string): Promise<Service> {
	await untilListening(port, 20_000);
	return {
		port,
		async stop() {
			await endProcess(child);
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
