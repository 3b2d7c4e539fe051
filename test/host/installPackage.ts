import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAndUnpack } from '../package/pack';

/**
 * Packs this package and installs the tarball into an n8n user folder with the steps that n8n 2.41.1
 * takes for a community package (community-packages service): unpack, drop what is only for
 * development, install the dependencies that are left.
 *
 * @param userFolder the folder that `N8N_USER_FOLDER` names
 */
export function installPackage(userFolder: string): void {
	const nodes = join(userFolder, '.n8n', 'nodes');
	const target = join(nodes, 'node_modules', 'n8n-nodes-runcomfy');
	const temporary = mkdtempSync(join(tmpdir(), 'pack-'));
	mkdirSync(target, { recursive: true });
	writeFileSync(
		join(nodes, 'package.json'),
		JSON.stringify({ name: 'installed-nodes', private: true }),
	);
	try {
		packAndUnpack(temporary, target);
	} finally {
		rmSync(temporary, { recursive: true });
	}
	const file = join(target, 'package.json');
	const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
	for (const kind of ['devDependencies', 'peerDependencies', 'optionalDependencies'])
		delete manifest[kind];
	writeFileSync(file, JSON.stringify(manifest, null, '\t'));
	const flags = [
		'--audit=false',
		'--fund=false',
		'--bin-links=false',
		'--install-strategy=shallow',
	];
	execFileSync('npm', ['install', ...flags, '--ignore-scripts=true', '--package-lock=false'], {
		cwd: target,
		stdio: 'ignore',
	});
}
