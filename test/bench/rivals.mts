import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { INode, INodeParameters } from 'n8n-workflow';
import { itemsOf } from '../fixtures/workflows';
import { installN8n } from '../host/install';
import { startEmulatorProcess } from './emulatorProcess';
import { scratchUserFolder } from './environment';
import { OtherProviders } from './providers';

/**
 * Runs five 12 s jobs with n8n's OpenAI and Gemini video nodes and with ours on the same networks, and
 * prints the times of each network in s as JSON. All side by side: nearly all of the time is waiting,
 * and five items are little work.
 */
export interface RivalTimes {
	openAi: number[];
	gemini: number[];
	ours: number[];
}

const JOB_MS = 12_000;
const ITEMS = 5;

const { values } = parseArgs({ options: { latency: { type: 'string', multiple: true } } });

const cleanUp = scratchUserFolder();
const { Engine } = await import('../engine/Engine');
const { ideas, klingWorkflow } = await import('../engine/klingWorkflow');

const vendors = join(await installN8n(), 'node_modules/@n8n/n8n-nodes-langchain');
const engine = await Engine.start();
engine.addNode('bench.openAi', vendors, 'dist/nodes/vendors/OpenAi/OpenAi.node.js');
engine.addNode('bench.gemini', vendors, 'dist/nodes/vendors/GoogleGemini/GoogleGemini.node.js');

async function seconds(parameters: INodeParameters, node: Partial<INode>): Promise<number> {
	const prompts = Array.from({ length: ITEMS }, (_, index) => `idea ${index}`);
	const startedAt = performance.now();
	const run = await engine.run(klingWorkflow(parameters, node), ideas(...prompts));
	const files = itemsOf(run, 'Kling Video').filter(({ binary }) => binary);
	if (files.length !== ITEMS) {
		throw new Error(`${files.length} of ${ITEMS}: ${JSON.stringify(run.data.resultData.error)}`);
	}
	return (performance.now() - startedAt) / 1000;
}

async function measure(latencyMs: number): Promise<RivalTimes> {
	const providers = await OtherProviders.start(JOB_MS, latencyMs);
	const emulator = await startEmulatorProcess({ scenario: 'bench', latencyMs });
	const id = String(latencyMs);
	const { token: apiToken, url: baseUrl } = emulator;
	await engine.saveCredential(`runcomfy-${id}`, { apiToken, baseUrl });
	await engine.saveCredential(`openai-${id}`, { apiKey: 'none', url: providers.url }, 'openAiApi');
	await engine.saveCredential(
		`gemini-${id}`,
		{ apiKey: 'none', host: providers.url },
		'googlePalmApi',
	);
	const chosen = (name: string) => ({ id: `${name}-${id}`, name });

	const video = { resource: 'video', operation: 'generate' };
	const model = (value: string) => ({ modelId: { __rl: true, mode: 'id', value } });
	const openAi = async () =>
		await seconds(
			{ ...video, ...model('sora-2'), seconds: '4', size: '1280x720' },
			{ type: 'bench.openAi', typeVersion: 2.1, credentials: { openAiApi: chosen('openai') } },
		);
	const gemini = async () =>
		await seconds(
			{ ...video, ...model('models/veo-3.0') },
			{ type: 'bench.gemini', typeVersion: 1.1, credentials: { googlePalmApi: chosen('gemini') } },
		);
	const ours = async () => await seconds({}, { credentials: { runComfyApi: chosen('runcomfy') } });

	const [openAiTimes, geminiTimes, ourTimes] = await Promise.all([
		Promise.all([openAi(), openAi()]),
		Promise.all([gemini(), gemini()]),
		inTurn([ours, ours, ours]),
	]);
	await providers.stop();
	emulator.stop();
	return { openAi: openAiTimes, gemini: geminiTimes, ours: ourTimes };
}

async function inTurn(works: Array<() => Promise<number>>): Promise<number[]> {
	const times: number[] = [];
	for (const work of works) times.push(await work());
	return times;
}

const times = await Promise.all((values.latency ?? []).map(Number).map(measure));
cleanUp();
process.stdout.write(`${JSON.stringify(times)}\n`);
process.exit(0);
