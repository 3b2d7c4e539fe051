import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The command of the README that finds, in a log of n8n, the requests that a killed n8n has left. */
export function requestsLeft(log: string): string[] {
	const readme = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');
	const command = /docker logs n8n 2>&1 \| (awk '.+')$/m.exec(readme)?.[1];
	if (!command) throw new Error('The README gives no command for the log');
	const printed = execFileSync('sh', ['-c', command], { input: log, encoding: 'utf8' });
	return printed.split('\n').filter(Boolean);
}
