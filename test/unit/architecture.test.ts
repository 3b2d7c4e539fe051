import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '../../nodes/KlingVideo');

/** Which rooms a room may look into. What is not listed it does not know. */
const MAY_IMPORT: Record<string, string[]> = {
	'.': ['fields', 'operations', 'runtime'],
	operations: ['operations', 'fields', 'runtime', 'api'],
	fields: ['fields', 'models'],
	runtime: ['runtime', 'fields', 'models', 'api'],
	models: ['models'],
	api: ['api'],
};

const PACKAGES: Record<string, string[]> = {
	'.': ['n8n-workflow'],
	operations: ['n8n-workflow', 'p-limit'],
	fields: ['n8n-workflow'],
	runtime: ['n8n-workflow', 'p-limit', 'node:crypto'],
	models: ['zod/v4-mini'],
	api: [],
};

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
	.filter((file) => file.endsWith('.ts'))
	.map((file) => join(root, file));

function importsOf(file: string): string[] {
	return [...readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)].map(([, source]) => source);
}

function room(path: string): string {
	const [first, second] = relative(root, path).split('/');
	return second === undefined && !(first in MAY_IMPORT) ? '.' : first;
}

describe('the arrows go one way', () => {
	it.each(files.map((file) => [relative(root, file), file]))('%s', (_, file) => {
		for (const source of importsOf(file)) {
			if (source.startsWith('.')) {
				expect(MAY_IMPORT[room(file)]).toContain(room(resolve(dirname(file), source)));
			} else {
				expect(PACKAGES[room(file)]).toContain(source);
			}
		}
	});

	it('sees every file', () => {
		expect(files.length).toBeGreaterThan(30);
	});
});
