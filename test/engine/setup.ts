import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { warpedClock } from './timeWarp';

process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
process.env.N8N_ENCRYPTION_KEY = 'engine-tests';
process.env.N8N_DEFAULT_BINARY_DATA_MODE = 'filesystem';
process.env.N8N_DIAGNOSTICS_ENABLED = 'false';

Date.now = warpedClock.now;

jest.mock('n8n-workflow', () => {
	const host = jest.requireActual<{ sleep: (...parameters: unknown[]) => Promise<void> }>(
		'n8n-workflow',
	);
	// Before 2.34 n8n's sleep takes no signal.
	const takesSignal = host.sleep.length > 1;
	return {
		...host,
		sleep: async (ms: number, signal?: AbortSignal) =>
			await warpedClock.sleep(ms, takesSignal ? signal : undefined),
	};
});
