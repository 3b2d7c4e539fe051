import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/**
 * Packs this package as npm publishes it and unpacks it again. It must be built.
 *
 * @param folder where the tarball goes
 * @param target what the files of the package are unpacked into; both must exist
 * @returns the tarball's path
 */
export function packAndUnpack(folder: string, target: string): string {
	const pack = ['pack', '--silent', '--pack-destination', folder];
	const name = execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }).trim();
	const tarball = join(folder, name);
	execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
	return tarball;
}
