import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packAndUnpack } from './pack';

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
	it('holds the node, the credential, their icons, and nothing of the workshop', () => {
		expect(files.sort()).toEqual([
			'LICENSE.md',
			'README.md',
			'dist/credentials/RunComfyApi.credentials.js',
			'dist/icons/runcomfy.dark.svg',
			'dist/icons/runcomfy.svg',
			'dist/nodes/KlingVideo/KlingVideo.node.js',
			'dist/nodes/KlingVideo/KlingVideo.node.json',
			'dist/nodes/RunComfy/RunComfy.node.js',
			'dist/nodes/RunComfy/RunComfy.node.json',
			'package.json',
		]);
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
		expect([...new Set(required)].sort()).toEqual(['n8n-workflow', 'node:crypto']);
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
