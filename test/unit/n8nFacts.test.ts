import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const filesIn = (folder: string) =>
	readdirSync(join(root, folder), { recursive: true })
		.map(String)
		.filter((file) => file.endsWith('.ts'));

/** Where n8n itself is tested: its engine, and what only a real n8n shows. */
const tests = ['engine/n8nFacts.test.ts', ...filesIn('test/e2e').map((file) => `e2e/${file}`)];
const named = tests.flatMap((file) =>
	[...read(`test/${file}`).matchAll(/\bfor (?:[\w/]+\.ts(?:, | and )?)+/g)].flatMap(([words]) =>
		[...words.matchAll(/[\w/]+\.ts/g)].map(([name]) => name),
	),
);

describe('a fact about n8n', () => {
	it('in a comment of nodes/, with the version it was seen in, has a test that names the file', () => {
		const stating = filesIn('nodes')
			.filter((file) => /\b2\.41\.1\b/.test(read(`nodes/${file}`)))
			.map((file) => file.replace(/^shared\//, ''));
		expect(stating.length).toBeGreaterThan(10);
		expect(stating.filter((file) => !named.includes(file))).toEqual([]);
	});

	it('is tested for a file that is there', () => {
		const there = (file: string) =>
			existsSync(join(root, 'nodes', file)) || existsSync(join(root, 'nodes/shared', file));
		expect(named.filter((file) => !there(file))).toEqual([]);
	});
});
