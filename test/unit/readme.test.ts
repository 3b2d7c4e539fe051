import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ERROR_KINDS } from '../../nodes/shared/api/errors';
import { optionFields } from '../../nodes/shared/form/optionFields';
import { flatInputFields } from '../../nodes/KlingVideo/inputFields';
import { errorText } from '../../nodes/shared/errors/errorText';
import { versions } from '../compat/versions';

const root = resolve(__dirname, '../..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
	scripts: Record<string, string>;
};

describe('the README', () => {
	const rows = readme
		.split('\n')
		.filter((line) => line.startsWith('| '))
		.map((line) => line.split(' | ')[0].replace('| ', ''));

	it.each(ERROR_KINDS)('tells what to do about the error %s', (kind) => {
		const { message } = errorText(
			kind,
			{ detail: 'Duration (Seconds) must be 5, but is 2', waitedMs: 60_000 },
			'video',
		);
		const found = rows.some((row) => {
			const start = row.split('…')[0].trim();
			return start.length > 8 && message.startsWith(start);
		});
		expect({ message, found }).toEqual({ message, found: true });
	});

	it('names every field and every option', () => {
		const options = optionFields[0].options as Array<{ displayName: string }>;
		const names = [...flatInputFields, ...options].map(({ displayName }) => displayName);
		const missing = names.filter(
			(name) => !readme.includes(name.replace('Input (JSON)', 'Using JSON')),
		);
		expect(missing).toEqual([]);
	});

	it('claims the versions of n8n that the compatibility matrix runs, and no others', () => {
		const [, row] = /^\| n8n \| (.+) \|$/m.exec(readme) ?? [];
		expect(row?.split(' | ')).toEqual(versions.map(({ n8n }) => n8n));
	});

	it('names only commands that there are', () => {
		const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
		expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
	});
});

describe('CONTRIBUTING', () => {
	const guide = readFileSync(resolve(root, 'CONTRIBUTING.md'), 'utf8');

	it('shows every room of the house', () => {
		const rooms = ['nodes', 'nodes/shared', 'test'].flatMap((folder) =>
			readdirSync(resolve(root, folder), { withFileTypes: true })
				.filter((entry) => entry.isDirectory())
				.map(({ name }) => name),
		);
		// The demo needs no line: the README runs it.
		const missing = rooms.filter((room) => room !== 'demo' && !guide.includes(`  ${room}/`));
		expect(missing).toEqual([]);
	});

	it('names only files and commands that there are', () => {
		const places = [
			'',
			'nodes',
			'nodes/shared',
			'nodes/KlingVideo',
			'test/emulator',
			'test/engine',
		];
		const files = [...guide.matchAll(/`([\w./-]+\.(?:ts|json|md|yml))`/g)].map(([, file]) => file);
		const exists = (file: string) => places.some((place) => existsSync(resolve(root, place, file)));
		expect(files.filter((file) => !exists(file))).toEqual([]);
		expect(files.length).toBeGreaterThan(15);
		const named = [...guide.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
		expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
	});
});
