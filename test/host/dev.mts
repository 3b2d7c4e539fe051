import { spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join, resolve } from 'node:path';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { installPackage } from './installPackage';
import { N8n, type WorkflowJson } from './N8n';

const root = resolve(import.meta.dirname, '../..');
const quiet = !process.argv.includes('--log');

const emulator = await RunComfyEmulator.start({
	scenario: 'demo',
	onCall: ({ endpoint, requestId }) =>
		console.log(
			`emulator: ${endpoint.padEnd(6)} ${requestId ?? ''}  paid POSTs: ${emulator.paidPosts}`,
		),
});
console.log('Starting n8n …');
const n8n = await N8n.start({
	port: Number(process.env.PORT ?? 5678),
	prepare: installPackage,
	env: { N8N_DEV_RELOAD: 'true' },
	onLog: (text) => {
		if (!quiet) process.stdout.write(text);
	},
});

const credential = await n8n.createCredential('runComfyApi', 'RunComfy API (emulator)', {
	apiToken: emulator.token,
	baseUrl: emulator.url,
});
const examples = join(root, 'examples');
for (const file of readdirSync(examples).filter((name) => name.endsWith('.json'))) {
	const json = JSON.parse(readFileSync(join(examples, file), 'utf8')) as WorkflowJson;
	for (const node of json.nodes) {
		if (node.type.startsWith('n8n-nodes-runcomfy.')) node.credentials = { runComfyApi: credential };
	}
	await n8n.createWorkflow(json);
}

const installed = join(n8n.userFolder, '.n8n/nodes/node_modules/n8n-nodes-runcomfy/dist');
const rebuilding = spawn('gulp', ['watch'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
let copying: NodeJS.Timeout | undefined;
watch(join(root, 'dist'), { recursive: true }, () => {
	clearTimeout(copying);
	copying = setTimeout(() => {
		cpSync(join(root, 'dist'), installed, { recursive: true });
		console.log('The node is rebuilt; reload the editor.');
	}, 300);
});

console.log(`
n8n:      ${n8n.url}
login:    ${n8n.owner.email}   ${n8n.owner.password}
emulator: ${emulator.url}   token: ${emulator.token}

The credential and the examples are in place. A prompt that starts with [failing], [queued],
[slow] … plays that scenario; \`npm run emulator\` lists them. Ctrl-C ends everything.
`);

let ending = false;
async function end(): Promise<void> {
	if (ending) return;
	ending = true;
	console.log('\nEnding n8n and the emulator …');
	rebuilding.kill();
	await n8n.stop();
	await emulator.stop();
	process.exit(0);
}
process.on('SIGINT', () => void end());
process.on('SIGTERM', () => void end());
