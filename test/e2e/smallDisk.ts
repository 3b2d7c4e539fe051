import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of the tests' own that is soon full. */
export interface SmallDisk {
	folder: string;
	/** The paths of all files on it. */
	files(): string[];
	unmount(): void;
}

/** Mounts 1 MB of memory; nothing, and a word of it, where the system does not allow that. */
export function mountSmallDisk(): SmallDisk | undefined {
	const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
	} catch {
		rmdirSync(folder);
		process.stdout.write('The full disk is skipped: mount -t tmpfs is not allowed.\n');
		return undefined;
	}
	return {
		folder,
		files: () =>
			readdirSync(folder, { recursive: true, withFileTypes: true })
				.filter((entry) => entry.isFile())
				.map(({ parentPath, name }) => join(parentPath, name)),
		unmount() {
			execFileSync('umount', [folder]);
			rmdirSync(folder);
		},
	};
}
