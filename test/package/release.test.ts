import { execFileSync } from 'node:child_process';
import {
	copyFileSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'release-'));
const origin = join(scratch, 'origin.git');
const clone = join(scratch, 'clone');
const author = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.com'];

const git = (...words: string[]) =>
	execFileSync('git', [...author, ...words], { cwd: clone, encoding: 'utf8' }).trim();
const read = (file: string) => readFileSync(join(clone, file), 'utf8');
const version = () => (JSON.parse(read('package.json')) as { version: string }).version;

/** The command behind `npm run release`, without the lint and the tests that it runs first. */
function release(...words: string[]): string {
	const { scripts } = JSON.parse(read('package.json')) as { scripts: { release: string } };
	const [command, ...flags] = scripts.release.split(' ');
	return execFileSync(join(root, 'node_modules/.bin', command), [...flags, ...words], {
		cwd: clone,
		encoding: 'utf8',
		stdio: 'pipe',
		env: {
			...process.env,
			GIT_AUTHOR_NAME: 'Tester',
			GIT_AUTHOR_EMAIL: 'tester@example.com',
			GIT_COMMITTER_NAME: 'Tester',
			GIT_COMMITTER_EMAIL: 'tester@example.com',
		},
	});
}

beforeAll(() => {
	execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', origin]);
	execFileSync('git', ['clone', '--quiet', origin, clone], { stdio: 'ignore' });
	for (const file of ['package.json', 'CHANGELOG.md', '.release-it.json', '.gitignore']) {
		copyFileSync(join(root, file), join(clone, file));
	}
	const config = JSON.parse(read('.release-it.json')) as { hooks: Record<string, string[]> };
	config.hooks['before:init'] = [];
	writeFileSync(join(clone, '.release-it.json'), JSON.stringify(config));
	const unreleased = '## [Unreleased]\n\n- Videos in colour.\n';
	writeFileSync(join(clone, 'CHANGELOG.md'), `# Changelog\n\n${unreleased}`);
	symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
	git('checkout', '--quiet', '-B', 'main');
	git('add', 'package.json', 'CHANGELOG.md', '.release-it.json', '.gitignore');
	git('commit', '--quiet', '--message', 'feat: everything');
	git('push', '--quiet', '--set-upstream', 'origin', 'main');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('npm run release', () => {
	it('with --dry-run tells what would happen, and changes nothing', () => {
		const before = [git('rev-parse', 'HEAD'), version(), read('CHANGELOG.md')];
		const said = release('99.1.0', '--dry-run');
		expect(said).toContain('99.1.0');
		expect(said).toContain('Videos in colour.');
		expect([git('rev-parse', 'HEAD'), version(), read('CHANGELOG.md')]).toEqual(before);
		expect(git('tag')).toBe('');
		expect(git('status', '--short', '--untracked-files=no')).toBe('');
	});

	it('moves the notes to the new version, commits, tags and pushes, and publishes nothing itself', () => {
		release('99.1.0');
		expect(version()).toBe('99.1.0');
		expect(read('CHANGELOG.md')).toMatch(
			/## \[Unreleased\]\s+## \[99\.1\.0\] - \d{4}-\d\d-\d\d\s+- Videos in colour\./,
		);
		expect(git('log', '-1', '--format=%s')).toBe('chore: release 99.1.0');
		expect(git('ls-remote', '--tags', 'origin')).toContain('refs/tags/v99.1.0');
		expect(git('rev-parse', 'origin/main')).toBe(git('rev-parse', 'HEAD'));
	});

	it('refuses a version that has nothing to tell', () => {
		expect(() => release('99.2.0')).toThrow();
		expect(version()).toBe('99.1.0');
	});
});
