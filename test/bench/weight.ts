import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAndUnpack } from '../package/pack';

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
	/** Time to require all built nodes in a fresh process that has n8n-workflow, in ms. */
	ourMs: number;
	peersMs: Record<string, number>;
	medianPeerMs: number;
}

/** @param host folder of an installed n8n */
export function measureWeight(host: string): Weight {
	const folder = mkdtempSync(join(tmpdir(), 'weight-'));
	const unpacked = join(folder, 'package');
	mkdirSync(unpacked);
	const packedBytes = statSync(packAndUnpack(folder, unpacked)).size;
	const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' });
	const unpackedBytes = files
		.map((file) => statSync(join(unpacked, file)))
		.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);

	const modules = join(host, 'node_modules');
	const timeOf = (...nodes: string[]) => {
		const script = `require('n8n-workflow');const t=performance.now();${JSON.stringify(nodes)}.forEach((node)=>require(node));console.log(performance.now()-t)`;
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
	const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[] };
	};
	const ourMs = timeOf(...manifest.n8n.nodes.map((node) => join(unpacked, node)));
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
