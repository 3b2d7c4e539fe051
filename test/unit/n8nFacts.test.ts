import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** Where n8n itself is tested: its engine, and what only a real n8n shows. */
const tests = [
	'test/engine/n8nFacts.test.ts',
	...readdirSync(resolve(root, 'test/e2e'))
		.filter((file) => file.endsWith('.ts'))
		.map((file) => `test/e2e/${file}`),
];

it('every file of nodes/ that a test of a fact about n8n is for is there', () => {
	const named = tests.flatMap((test) =>
		[...readFileSync(resolve(root, test), 'utf8').matchAll(/\bfor (?:[\w/]+\.ts(?:, | and )?)+/g)]
			.flatMap(([words]) => [...words.matchAll(/[\w/]+\.ts/g)])
			.map(([file]) => file),
	);
	expect(named.length).toBeGreaterThan(20);
	const isThere = (file: string) =>
		['nodes', 'nodes/shared'].some((folder) => existsSync(resolve(root, folder, file)));
	expect(named.filter((file) => !isThere(file))).toEqual([]);
});
