import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ScenarioName } from '../emulator/scenarios';

/** The emulator in a process of its own, so that its work is not measured as ours. */
export async function startEmulatorProcess(
	scenario: ScenarioName,
): Promise<{ url: string; token: string; stop: () => void }> {
	const child = spawn(
		process.execPath,
		['--import', 'tsx', join(__dirname, '../emulator/start.mts')],
		{ env: { ...process.env, SCENARIO: scenario }, stdio: ['ignore', 'pipe', 'inherit'] },
	);
	const [, url, token] = await new Promise<RegExpExecArray>((resolve, reject) => {
		child.on('exit', () => reject(new Error('the emulator ended')));
		child.stdout.on('data', (chunk: Buffer) => {
			const found = /emulator: (\S+) +API token: (\S+)/.exec(chunk.toString());
			if (found) resolve(found);
		});
	});
	return { url, token, stop: () => void child.kill() };
}
