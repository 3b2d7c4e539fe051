import { spawn } from 'node:child_process';
import { cpSync, watch } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SCENARIO_WORDS } from '../emulator/scenarios';
import { chooseCredential, exampleNames, readExample } from '../fixtures/workflows';
import { startHost } from './host';

const root = resolve(import.meta.dirname, '../..');
const { log } = parseArgs({ options: { log: { type: 'boolean' } } }).values;

console.log('Starting n8n …');
const { n8n, emulator, serverless, credential, stop } = await startHost(
	{
		scenario: 'demo',
		// The emulator tells of a call before it counts it.
		onCall: ({ endpoint, requestId = '' }) =>
			setImmediate(() =>
				console.log(
					`emulator: ${endpoint.padEnd(6)} ${requestId}  paid POSTs: ${emulator.paidPosts}`,
				),
			),
	},
	{
		port: Number(process.env.PORT ?? 5678),
		env: { N8N_DEV_RELOAD: 'true' },
		onLog: (text) => {
			if (log) process.stdout.write(text);
		},
	},
);

for (const name of exampleNames) {
	await n8n.createWorkflow(chooseCredential(readExample(name), credential));
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
emulator: ${emulator.url}   deployments: ${serverless.url}   token: ${emulator.token}

The credential and the examples are in place. Nothing is billed, and whatever a prompt asks for,
it gets the same short test clip, picture or chime. A prompt that starts with one of these words
plays that scenario:
${SCENARIO_WORDS.join(' ')}

Ctrl-C ends everything.
`);

let ending = false;
async function end(): Promise<void> {
	if (ending) return;
	ending = true;
	console.log('\nEnding n8n and the emulator …');
	rebuilding.kill();
	await stop();
	process.exit(0);
}
process.on('SIGINT', () => void end());
process.on('SIGTERM', () => void end());
