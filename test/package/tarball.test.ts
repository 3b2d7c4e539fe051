import { execFileSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packAndUnpack } from './pack';

const { licensesOf } = jest.requireActual<{ licensesOf(folders: string[]): string }>(
	'./licenses.cjs',
);
const root = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-runcomfy-'));
const unpacked = join(folder, 'package');
let manifest: Record<string, unknown> & { n8n: { nodes: string[]; credentials: string[] } };
let files: string[];

beforeAll(() => {
	mkdirSync(unpacked);
	packAndUnpack(folder, unpacked);
	manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
	files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter((file) =>
		/\.\w+$/.test(file),
	);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('the tarball', () => {
	it('holds every node, the credential, their icons and licenses, and nothing of the workshop', () => {
		const nodes = readdirSync(join(root, 'nodes')).filter((name) => name !== 'shared');
		expect(nodes).toContain('KlingVideo');
		expect(files.sort()).toEqual(
			[
				'LICENSE.md',
				'README.md',
				'dist/THIRD-PARTY-LICENSES.md',
				'dist/credentials/RunComfyApi.credentials.js',
				'dist/icons/kling-video.dark.svg',
				'dist/icons/kling-video.svg',
				'dist/icons/runcomfy-deployment.dark.svg',
				'dist/icons/runcomfy-deployment.svg',
				'dist/icons/runcomfy.dark.svg',
				'dist/icons/runcomfy.svg',
				'dist/nodes/bundle.js',
				...nodes.flatMap((name) =>
					['js', 'json'].map((ending) => `dist/nodes/${name}/${name}.node.${ending}`),
				),
				'package.json',
			].sort(),
		);
		expect(manifest.n8n.nodes).toEqual(nodes.map((name) => `dist/nodes/${name}/${name}.node.js`));
	});

	it('holds the code that its nodes share once', () => {
		const holding = files.filter((file) =>
			readFileSync(join(unpacked, file), 'utf8').includes('\nasync function runItems('),
		);
		expect(holding).toEqual(['dist/nodes/bundle.js']);
	});

	it('hands on the license of every package of which it holds code', () => {
		const bundle = readFileSync(join(unpacked, 'dist/nodes/bundle.js'), 'utf8');
		const licenses = readFileSync(join(unpacked, 'dist/THIRD-PARTY-LICENSES.md'), 'utf8');
		const named = bundle.matchAll(/^\/\/ .*node_modules\/((?:@[^/]+\/)?[^/]+)\//gm);
		const packages = [...new Set([...named].map(([, name]) => name))];
		expect(packages).toEqual(expect.arrayContaining(['p-limit', 'yocto-queue', 'zod']));
		const listed = [...licenses.matchAll(/^## (\S+) [\d.]+$/gm)].map(([, name]) => name);
		expect(listed).toEqual(packages.sort());
		const text = readFileSync(join(root, 'node_modules/zod/LICENSE'), 'utf8');
		for (const line of text.split('\n')) expect(licenses).toContain(line.trim());
	});

	it('says of a package without a license file what its package.json says', () => {
		const bare = join(folder, 'bare');
		mkdirSync(bare);
		const about = { name: 'bare', version: '1.2.3', author: { name: 'Ann', email: 'ann@a.test' } };
		const write = (more: object) =>
			writeFileSync(join(bare, 'package.json'), JSON.stringify({ ...about, ...more }));
		write({ license: 'MIT', homepage: 'https://bare.test' });
		expect(licensesOf([bare])).toContain(
			'## bare 1.2.3\n\n- License: MIT\n- Author: Ann <ann@a.test>\n- Source: https://bare.test\n- The package brings no license file.\n',
		);
		write({});
		expect(() => licensesOf([bare])).toThrow('bare names no license');
	});

	it('needs nothing but n8n-workflow', () => {
		expect(manifest.dependencies).toBeUndefined();
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
		const required = files
			.filter((file) => file.endsWith('.js'))
			.flatMap((file) => [
				...readFileSync(join(unpacked, file), 'utf8').matchAll(/\brequire\("([^"]+)"\)/g),
			])
			.map(([, name]) => name);
		expect([...new Set(required)].sort()).toEqual(['../bundle.js', 'n8n-workflow', 'node:crypto']);
	});

	it('names files that are in it', () => {
		for (const file of [...manifest.n8n.nodes, ...manifest.n8n.credentials]) {
			expect(existsSync(join(unpacked, file))).toBe(true);
		}
	});

	it('passes n8n’s package scanner without a finding, warnings included', () => {
		const scan = join(__dirname, 'scan.mjs');
		const said = execFileSync('node', [scan, unpacked], { cwd: root, encoding: 'utf8' });
		expect(said).toContain('finds nothing to refuse');
	}, 60_000);

	it('is refused by the same scan when it does what n8n forbids', () => {
		const file = join(unpacked, manifest.n8n.nodes[0]);
		const forbidden = '/* eslint-disable */ setTimeout(() => process.exit(), globalThis.x);';
		execFileSync('sh', ['-c', `printf '%s' "$0" >> "$1"`, forbidden, file]);
		const run = () =>
			execFileSync('node', [join(__dirname, 'scan.mjs'), unpacked], { cwd: root, stdio: 'pipe' });
		expect(run).toThrow(/setTimeout[\s\S]*process[\s\S]*globalThis/);
	}, 60_000);
});
