import type { INodeProperties } from 'n8n-workflow';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ERROR_KINDS } from '../../nodes/shared/api/errors';
import { operations } from '../../nodes/shared/operations/operations';
import { inputFields as klingFields } from '../../nodes/KlingVideo/inputFields';
import { inputFields } from '../../nodes/RunComfy/inputFields';
import { errorText } from '../../nodes/shared/errors/errorText';
import { versions } from '../compat/versions';

const root = resolve(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const readme = read('README.md');
const docs = readdirSync(join(root, 'docs')).map((page) => `docs/${page}`);
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/README.md', ...docs];
const manifest = JSON.parse(read('package.json')) as {
	homepage: string;
	scripts: Record<string, string>;
};

/** A link of a page, as file and anchor from the root. */
interface Link {
	file: string;
	anchor: string;
}

/** The links of a page to this repository's own files. */
function linksIn(page: string): Link[] {
	const targets = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
	return targets
		.filter((target) => !/^https?:/.test(target))
		.map((target) => {
			const [path, anchor = ''] = target.split('#');
			const file = path ? relative(root, resolve(root, dirname(page), path)) : page;
			return { file, anchor };
		});
}

/** The links to this repository in what users see in n8n. */
function linksInN8n(): Link[] {
	const seen = ['nodes', 'credentials', 'examples'].flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
			.filter((file) => /\.(ts|json)$/.test(file))
			.map((file) => read(join(folder, file))),
	);
	const targets = seen.flatMap((text) =>
		text
			.split(manifest.homepage)
			.slice(1)
			.map((rest) => /^[\w/.#-]*/.exec(rest)?.[0] ?? ''),
	);
	return targets.map((target) => {
		const [path, anchor = ''] = target.split('#');
		return {
			file: path.replace(/^\/blob\/[^/]+\//, '') || 'README.md',
			anchor: anchor === 'readme' ? '' : anchor,
		};
	});
}

/** The anchors that GitHub makes of a page's headings. */
function anchorsOf(page: string): string[] {
	const headings = [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
	return headings.map((heading) =>
		heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, '')
			.replace(/\s/g, '-'),
	);
}

const leadsNowhere = ({ file, anchor }: Link) =>
	!existsSync(join(root, file)) || (anchor !== '' && !anchorsOf(file).includes(anchor));

describe('the README', () => {
	it('has at most 900 words', () => {
		expect(readme.split(/\s+/).length).toBeLessThanOrEqual(900);
	});

	it('says how to run a clone and its tests', () => {
		expect(readme).toContain('\nnpm ci && npm run demo\n');
		expect(readme).toContain('\nnpm ci && npm test\n');
	});

	it('leads to every page of the docs', () => {
		const linked = linksIn('README.md').map(({ file }) => file);
		expect(docs.filter((page) => !linked.includes(page))).toEqual([]);
	});
});

describe('the docs', () => {
	it.each(pages)('%s links only to files and headings that there are', (page) => {
		expect(linksIn(page).filter(leadsNowhere)).toEqual([]);
	});

	it('have every heading that n8n links to', () => {
		const links = linksInN8n();
		expect(links.length).toBeGreaterThan(2);
		expect(links.filter(leadsNowhere)).toEqual([]);
	});

	it.each(pages)('%s names only commands that there are', (page) => {
		const named = [...read(page).matchAll(/npm run (?:--silent )?([\w:]+)/g)];
		expect(named.map(([, name]) => name).filter((name) => !(name in manifest.scripts))).toEqual([]);
	});

	it.each(ERROR_KINDS)('tell what to do about the error %s', (kind) => {
		const rows = read('docs/troubleshooting.md')
			.split('\n')
			.filter((line) => line.startsWith('| '))
			.map((line) => line.split(' | ')[0].replace('| ', ''));
		const { message } = errorText(
			kind,
			{
				detail: 'Duration (Seconds) must be 5, but is 2',
				waitedMs: 60_000,
			},
			'video',
		);
		const found = rows.some((row) => {
			const start = row.split('…')[0].trim();
			return start.length > 8 && message.startsWith(start);
		});
		expect({ message, found }).toEqual({ message, found: true });
	});

	it('name every field and every option', () => {
		const fields = read('docs/operations-and-fields.md');
		const options = operations.flatMap((operation) => operation.options);
		const additional = klingFields.flatMap(({ type, options: inside = [] }) =>
			type === 'collection' ? (inside as INodeProperties[]) : [],
		);
		const shown = klingFields.filter(({ type }) => type !== 'hidden');
		const all = [...shown, ...additional, ...inputFields, ...options];
		const names = all.map(({ displayName }) => displayName);
		const missing = names.filter(
			(name) => !fields.includes(name.replace('Inputs (JSON)', 'Using JSON')),
		);
		expect(missing).toEqual([]);
	});

	it('claim the versions of n8n that the compatibility matrix runs, and no others', () => {
		const compatibility = read('docs/compatibility.md');
		const [, row] = /^\| n8n \| (.+) \|$/m.exec(compatibility) ?? [];
		expect(row?.split(' | ')).toEqual(versions.map(({ n8n }) => n8n));
	});
});

describe('CONTRIBUTING', () => {
	const guide = read('CONTRIBUTING.md');

	it('shows every folder', () => {
		const folders = ['nodes', 'nodes/shared', 'test'].flatMap((folder) =>
			readdirSync(resolve(root, folder), { withFileTypes: true })
				.filter((entry) => entry.isDirectory())
				.map(({ name }) => name),
		);
		// The demo needs no line: the README runs it.
		const missing = folders.filter((name) => name !== 'demo' && !guide.includes(`  ${name}/`));
		expect(missing).toEqual([]);
	});

	it('names only files that there are', () => {
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
	});
});
