import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVirtualTime } from './virtualTime';

declare global {
	/** The warnings of the process since the test file began, out of `environment.mjs`. */
	var processWarnings: string[];
}

process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
process.env.N8N_ENCRYPTION_KEY = 'engine-tests';
process.env.N8N_DEFAULT_BINARY_DATA_MODE = 'filesystem';
process.env.N8N_DIAGNOSTICS_ENABLED = 'false';

// Jest bounds a test in real time: a busy machine must not fail it.
jest.setTimeout(300_000);
let endVirtualTime: () => void;
beforeAll(() => (endVirtualTime = startVirtualTime()));
afterAll(() => {
	endVirtualTime();
	expect(processWarnings).toEqual([]);
});
