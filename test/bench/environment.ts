import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives n8n-core a scratch folder. To be called before it is loaded, for it reads its settings then. */
export function scratchUserFolder(): () => void {
	const folder = mkdtempSync(join(tmpdir(), 'bench-'));
	process.env.N8N_USER_FOLDER = folder;
	process.env.N8N_ENCRYPTION_KEY = 'bench';
	process.env.N8N_DEFAULT_BINARY_DATA_MODE = 'filesystem';
	process.env.N8N_LOG_LEVEL = 'silent';
	return () => rmSync(folder, { recursive: true, force: true });
}
