import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { IDataObject } from 'n8n-workflow';
import { ServerlessEmulator } from '../emulator/ServerlessEmulator';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { chooseCredential, itemsOf, nodeOf, readExample } from '../fixtures/workflows';
import { videoLength } from './videoLength';

const root = resolve(import.meta.dirname, '../..');
const userFolder = mkdtempSync(join(tmpdir(), 'kling-demo-'));
process.on('exit', () => rmSync(userFolder, { recursive: true, force: true }));
process.env.N8N_USER_FOLDER = userFolder;
process.env.N8N_ENCRYPTION_KEY = 'demo';
process.env.N8N_DEFAULT_BINARY_DATA_MODE = 'filesystem';
// n8n-core reads its settings when it is loaded.
const { Engine } = await import('../engine/Engine');

const { live, image, deployment } = parseArgs({
	options: {
		live: { type: 'boolean' },
		image: { type: 'string' },
		deployment: { type: 'string' },
	},
}).values;
if (image !== undefined && !existsSync(image)) {
	console.error(`There is no file ${image}.`);
	process.exit(1);
}
const picture = image === undefined ? undefined : readFileSync(image);
const example = deployment
	? 'run-your-comfyui-workflow'
	: picture
		? 'image-to-video'
		: 'prompt-to-video';
const nodeName = deployment ? 'RunComfy Deployment' : 'Kling Video';
const token = process.env.RUNCOMFY_API_TOKEN;
if (live && !token) {
	console.error('--live runs the real API: set RUNCOMFY_API_TOKEN to your RunComfy token.');
	process.exit(1);
}

const startedAt = Date.now();
const say = (line: string) =>
	console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`);

const emulator = live
	? undefined
	: await (deployment ? ServerlessEmulator : RunComfyEmulator).start({ scenario: 'demo' });
const engine = await Engine.start((line) => {
	const [, words] =
		/^(?:info|debug): RunComfy: execution .+?, run \d+(?:, item \d+)?: (.+)$/.exec(line) ?? [];
	if (words) say(words);
});
say(
	emulator
		? `RunComfy emulator on ${emulator.url}. No account, no cost.`
		: 'The real RunComfy API. This costs what RunComfy charges.',
);

const credential = { id: 'demo', name: 'RunComfy API' };
const workflow = chooseCredential(readExample(example), credential);
const node = nodeOf(workflow, nodeName);
// As it is saved: a smoke run of somebody else's workflow has no other values.
if (deployment) node.parameters.deployment = { __rl: true, mode: 'id', value: deployment };
await engine.saveCredential(credential.id, {
	apiToken: emulator?.token ?? token ?? '',
	baseUrl: emulator?.url ?? process.env.RUNCOMFY_BASE_URL ?? 'https://model-api.runcomfy.net',
	...(emulator && { serverlessBaseUrl: emulator.url }),
});
/** What the form of the example gives for the picture. */
const submitted = picture && {
	json: { Prompt: 'The picture comes alive: slow camera, soft wind, changing light' },
	binary: {
		Picture: {
			data: picture.toString('base64'),
			mimeType: 'application/octet-stream',
			fileName: basename(image ?? ''),
		},
	},
};
const said = deployment ?? submitted?.json.Prompt ?? String(node.parameters.prompt);
say(`n8n's engine runs examples/${example}.json: "${said.slice(0, 60)}…"`);

const run = await engine.run(workflow, submitted && [submitted]);
const [item] = itemsOf(run, nodeName);
const paidPosts = emulator?.paidPosts;
await emulator?.stop();
if (!item?.binary) {
	const [failed] = itemsOf(run, nodeName, 1);
	const { message, description } = failed
		? { message: failed.json.error, ...(failed.json.details as IDataObject) }
		: ((run.data.resultData.error ?? {}) as IDataObject);
	const why = message ?? item?.json.message;
	console.error(`The workflow ended without a file: ${why}\n${description ?? ''}`);
	process.exit(1);
}

const bytes = await engine.binary(item.binary.data);
const length = item.json.media_type === 'video' ? `${videoLength(bytes).toFixed(1)} s, ` : '';
const file = join(root, 'output', String(item.binary.data.fileName));
mkdirSync(join(root, 'output'), { recursive: true });
writeFileSync(file, bytes);
say(`Saved output/${item.binary.data.fileName}: ${length}${bytes.length} bytes`);
if (paidPosts === undefined)
	say(`Request ${item.json.request_id}. Get Request Result collects it again, free of charge.`);
else {
	say('The emulator gives every prompt the same stock clip, whatever its length.');
	say(`Paid POSTs counted by the emulator: ${paidPosts}. Running it again costs nothing.`);
}
process.exit(0);
