import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Nodes of n8n's own that call one web service, as ours does. */
const PEERS = [
	'Airtable/Airtable',
	'Asana/Asana',
	'Dropbox/Dropbox',
	'Github/Github',
	'HttpRequest/HttpRequest',
	'Hubspot/Hubspot',
	'Jira/Jira',
	'Notion/Notion',
	'S3/S3',
	'Slack/Slack',
	'Telegram/Telegram',
];
const REPEATS = 5;

export interface Weight {
	packedBytes: number;
	unpackedBytes: number;
	/** Time to require the built node in a fresh process that has n8n-workflow, in ms. */
	ourMs: number;
	peersMs: Record<string, number>;
	medianPeerMs: number;
}

/** @param host folder of an installed n8n */
export function measureWeight(host: string): Weight {
	const root = resolve(__dirname, '../..');
	const folder = mkdtempSync(join(tmpdir(), 'weight-'));
	const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
		cwd: root,
		encoding: 'utf8',
	}).trim();
	const packedBytes = statSync(join(folder, name)).size;
	execFileSync('tar', ['-xzf', join(folder, name), '-C', folder]);
	const files = readdirSync(join(folder, 'package'), { recursive: true, encoding: 'utf8' });
	const unpackedBytes = files
		.map((file) => statSync(join(folder, 'package', file)))
		.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);

	const modules = join(host, 'node_modules');
	const timeOf = (file: string) => {
		const script = `require('n8n-workflow');const t=performance.now();require(${JSON.stringify(file)});console.log(performance.now()-t)`;
		const times = Array.from({ length: REPEATS }, () =>
			Number(
				execFileSync(process.execPath, ['-e', script], {
					encoding: 'utf8',
					cwd: modules,
					env: { ...process.env, NODE_PATH: modules },
				}),
			),
		);
		return median(times);
	};
	const ourMs = timeOf(join(folder, 'package/dist/nodes/KlingVideo/KlingVideo.node.js'));
	const peersMs = Object.fromEntries(
		PEERS.map((peer) => [
			peer,
			timeOf(join(modules, 'n8n-nodes-base/dist/nodes', `${peer}.node.js`)),
		]),
	);
	rmSync(folder, { recursive: true });
	return {
		packedBytes,
		unpackedBytes,
		ourMs,
		peersMs,
		medianPeerMs: median(Object.values(peersMs)),
	};
}

export function median(values: number[]): number {
	return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}
