import getPort from 'get-port';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { endProcess, until } from '../host/processes';

const REDIS = '/usr/bin/redis-server';
/** Makes a server of its own in a scratch folder for a command to use, and removes it afterwards. */
const POSTGRES = '/usr/bin/pg_virtualenv';

/** What queue mode needs beside n8n, from Debian's packages. */
export const missingServices = [
	!existsSync(REDIS) && 'redis-server',
	!existsSync(POSTGRES) && 'postgresql',
].filter(Boolean);

/** A service of the tests' own. */
export interface Service {
	/** What tells n8n where it is. */
	env: Record<string, string>;
	stop(): Promise<void>;
}

export async function startRedis(): Promise<Service> {
	const port = `${await getPort()}`;
	const flags = ['--port', port, '--bind', '127.0.0.1', '--save', ''];
	const { stop } = await started(REDIS, flags, /Ready to accept connections/);
	return { env: { QUEUE_BULL_REDIS_HOST: '127.0.0.1', QUEUE_BULL_REDIS_PORT: port }, stop };
}

export async function startPostgres(): Promise<Service> {
	const command = ['-t', 'sh', '-c', 'echo "ready: $PGPORT $PGUSER $PGPASSWORD"; sleep infinity'];
	const { ready, stop } = await started(POSTGRES, command, /ready: (\S+) (\S+) (\S+)/);
	const [, port, user, password] = ready;
	return {
		env: {
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: port,
			DB_POSTGRESDB_USER: user,
			DB_POSTGRESDB_PASSWORD: password,
			DB_POSTGRESDB_DATABASE: 'postgres',
		},
		stop,
	};
}

/** Starts a program and waits for what it says when it is ready. */
async function started(program: string, args: string[], readyLine: RegExp) {
	const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
	let output = '';
	child.stdout.on('data', (chunk: Buffer) => (output += chunk));
	const ready = await until(() => readyLine.exec(output) ?? undefined, 20_000, program);
	return { ready, stop: async () => await endProcess(child) };
}
