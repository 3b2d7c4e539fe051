import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ERROR_KINDS } from '../../nodes/KlingVideo/api/errors';
import { OPTION_DEFAULTS, optionFields } from '../../nodes/KlingVideo/fields/optionFields';
import { inputFields } from '../../nodes/KlingVideo/fields/inputFields';
import { errorText } from '../../nodes/KlingVideo/runtime/errorText';

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
		const { message } = errorText(kind, {
			detail: 'Duration must be 5, but is 2',
			waitedMs: 60_000,
		});
		const found = rows.some((row) => {
			const start = row.split('…')[0].trim();
			return start.length > 8 && message.startsWith(start);
		});
		expect({ message, found }).toEqual({ message, found: true });
	});

	it('names every field and every option', () => {
		const options = optionFields[0].options as Array<{ displayName: string }>;
		const names = [...inputFields, ...options].map(({ displayName }) => displayName);
		const missing = names.filter(
			(name) => !readme.includes(name.replace('Input (JSON)', 'Using JSON')),
		);
		expect(missing.filter((name) => name !== 'Additional Fields')).toEqual([]);
		expect(Object.keys(OPTION_DEFAULTS)).toHaveLength(options.length);
	});

	it('names only commands that there are', () => {
		const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
		expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
	});
});
