import { join } from 'node:path';
import type { INode, INodeParameters } from 'n8n-workflow';
import { itemsOf } from '../fixtures/workflows';
import { installN8n } from '../host/install';
import { startEmulatorProcess } from './emulatorProcess';
import { scratchUserFolder } from './environment';
import { OtherProviders } from './providers';

/** Runs batches through n8n's engine, the rivals beside ours, and prints the times in s as JSON. */
const JOB_MS = 12_000;
const REPEATS = 3;

const cleanUp = scratchUserFolder();
const { Engine } = await import('../engine/Engine');
const { klingWorkflow, ideas } = await import('../engine/klingWorkflow');

const vendors = join(await installN8n(), 'node_modules/@n8n/n8n-nodes-langchain');
const engine = await Engine.start();
engine.addNode('bench.openAi', vendors, 'dist/nodes/vendors/OpenAi/OpenAi.node.js');
engine.addNode('bench.gemini', vendors, 'dist/nodes/vendors/GoogleGemini/GoogleGemini.node.js');

const providers = await OtherProviders.start(JOB_MS);
const emulator = await startEmulatorProcess('bench');
await engine.saveCredential('runcomfy', { apiToken: emulator.token, baseUrl: emulator.url });
await engine.saveCredential('openai', { apiKey: 'none', url: providers.url }, 'openAiApi');
await engine.saveCredential('gemini', { apiKey: 'none', host: providers.url }, 'googlePalmApi');

async function seconds(
	items: number,
	node: Partial<INode>,
	parameters: INodeParameters,
): Promise<number> {
	const workflow = klingWorkflow(parameters, node);
	const prompts = Array.from({ length: items }, (_, index) => `idea ${index}`);
	const startedAt = performance.now();
	const run = await engine.run(workflow, ideas(...prompts));
	const files = itemsOf(run, 'Kling Video').filter(({ binary }) => binary);
	if (files.length !== items) {
		throw new Error(`${files.length} of ${items}: ${JSON.stringify(run.data.resultData.error)}`);
	}
	return (performance.now() - startedAt) / 1000;
}

const vendor = async (node: Partial<INode>, parameters: INodeParameters) =>
	await seconds(5, node, { resource: 'video', operation: 'generate', ...parameters });
const openAi = async () =>
	await vendor(
		{
			type: 'bench.openAi',
			typeVersion: 2.1,
			credentials: { openAiApi: { id: 'openai', name: 'openai' } },
		},
		{
			modelId: { __rl: true, mode: 'id', value: 'sora-2' },
			seconds: '4',
			size: '1280x720',
		},
	);
const gemini = async () =>
	await vendor(
		{
			type: 'bench.gemini',
			typeVersion: 1.1,
			credentials: { googlePalmApi: { id: 'gemini', name: 'gemini' } },
		},
		{ modelId: { __rl: true, mode: 'id', value: 'models/veo-3.0' } },
	);
const ours = async (items: number, options: INodeParameters = {}) =>
	await seconds(items, {}, { options });

async function repeated(times: number, once: () => Promise<number>): Promise<number[]> {
	const all: number[] = [];
	for (let time = 0; time < times; time++) all.push(await once());
	return all;
}

const [openAiTimes, geminiTimes, five, twenty, hundred] = await Promise.all([
	Promise.all([openAi(), openAi()]),
	Promise.all([gemini(), gemini()]),
	repeated(REPEATS, async () => await ours(5)),
	repeated(REPEATS, async () => await ours(20)),
	repeated(REPEATS, async () => await ours(100, { maxConcurrency: 100 })),
]);

await providers.stop();
emulator.stop();
cleanUp();
const result = { jobSeconds: JOB_MS / 1000, openAiTimes, geminiTimes, five, twenty, hundred };
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
