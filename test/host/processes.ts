import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { installN8n } from './install';

/** Starts a command of n8n (`start`, `worker`) as a process group of its own. */
export async function startProcess(
	command: string,
	env: Record<string, string>,
	onOutput: (text: string) => void,
): Promise<ChildProcess> {
	const folder = await installN8n();
	const [verb, ...flags] = command.split(' ');
	const child = spawn(
		process.execPath,
		[join(folder, 'node_modules/n8n/bin/n8n'), verb, ...flags],
		{
			detached: true,
			stdio: ['ignore', 'pipe', 'pipe'],
			env: {
				PATH: process.env.PATH,
				HOME: env.N8N_USER_FOLDER,
				N8N_DIAGNOSTICS_ENABLED: 'false',
				N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
				N8N_TEMPLATES_ENABLED: 'false',
				N8N_PERSONALIZATION_ENABLED: 'false',
				N8N_HIRING_BANNER_ENABLED: 'false',
				N8N_SECURE_COOKIE: 'false',
				N8N_LOG_LEVEL: 'info',
				EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
				...env,
			},
		},
	);
	child.stdout.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
	return child;
}

/** Ends a process group: gently first, for good after ten seconds. */
export async function endProcess(child: ChildProcess | undefined): Promise<void> {
	if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const signal = (name: NodeJS.Signals) => {
		try {
			process.kill(-(child.pid as number), name);
		} catch {
			// Already gone.
		}
	};
	signal('SIGTERM');
	const impatience = setTimeout(() => signal('SIGKILL'), 10_000);
	await gone;
	clearTimeout(impatience);
}

/** Ends a process group as the kernel does when memory runs out: without a last word. */
export async function killProcess(child: ChildProcess | undefined): Promise<void> {
	if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	process.kill(-child.pid, 'SIGKILL');
	await gone;
}

/** Asks again and again until there is an answer. */
export async function until<T>(
	ask: () => Promise<T | undefined> | T | undefined,
	withinMs: number,
	what: string,
	everyMs = 100,
): Promise<T> {
	for (const deadline = Date.now() + withinMs; Date.now() < deadline; ) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		await new Promise((resolve) => setTimeout(resolve, everyMs));
	}
	throw new Error(`Waited ${withinMs} ms in vain for ${what}`);
}
