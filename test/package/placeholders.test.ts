import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const { placeholdersIn } = jest.requireActual<{
	placeholdersIn(folder: string, files: string[]): string[];
}>('./placeholders.cjs');

describe('placeholders', () => {
	it('are found with file and line', () => {
		const folder = mkdtempSync(join(tmpdir(), 'placeholders-'));
		const author = 'Ann <maintainers@n8n-nodes-runcomfy.example>';
		writeFileSync(join(folder, 'a.json'), `{\n"author": "${author}"\n}`);
		writeFileSync(join(folder, 'b.md'), 'https://github.com/ann/n8n-nodes-runcomfy');
		const found = placeholdersIn(folder, ['a.json', 'b.md']);
		rmSync(folder, { recursive: true });
		expect(found).toEqual([expect.stringMatching(/^a\.json:2 maintainers@/)]);
	});

	it('keep the package from being published while they are there, and are named', () => {
		const files = ['package.json', 'credentials/RunComfyApi.credentials.ts'];
		const standing = placeholdersIn(root, files);
		const { status, stderr } = spawnSync('node', ['test/package/placeholders.cjs'], {
			cwd: root,
			encoding: 'utf8',
		});
		expect(status).toBe(standing.length > 0 ? 1 : 0);
		for (const place of standing) expect(stderr).toContain(place);
	});

	it('are looked for before a release and before a publication by hand', () => {
		const json = (file: string) =>
			JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, Record<string, unknown>>;
		const check = 'node test/package/placeholders.cjs';
		expect(json('package.json').scripts.prepublishOnly).toMatch(new RegExp(`^${check} && `));
		expect(json('.release-it.json').hooks['before:init']).toEqual(expect.arrayContaining([check]));
	});
});
