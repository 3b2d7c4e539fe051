import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a script of this folder in a process of its own, and gives what its last line prints as JSON. */
export async function child<T>(file: string, ...args: string[]): Promise<T> {
	const { stdout } = await run(
		process.execPath,
		['--expose-gc', '--import', 'tsx', join(__dirname, file), ...args],
		{ maxBuffer: 64 * 2 ** 20 },
	);
	return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}
