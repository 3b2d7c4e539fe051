import { join } from 'node:path';
import type { IExecuteFunctions } from 'n8n-workflow';
import { itemsOf } from '../fixtures/workflows';
import { installN8n } from '../host/install';
import { scratchUserFolder } from './environment';

/**
 * Downloads a large file in one way and prints peak RSS over idle (bytes) and seconds as JSON. A
 * process of its own for each measurement: `ours`, `httpRequest` (n8n's node), `buffer` (n8n's Google
 * Gemini node, which reads the file into memory) or `bare` (nothing but n8n's own functions for a stream
 * into its store: what no node can do better), the server's URL, and how many at a time.
 */
const [, , way, url, copies] = process.argv;
const cleanUp = scratchUserFolder();
const { Engine } = await import('../engine/Engine');
const { klingWorkflow } = await import('../engine/klingWorkflow');
const { standInNodes } = await import('../engine/standInNodes');

const host = join(await installN8n(), 'node_modules');
const engine = await Engine.start();
await engine.saveCredential('runcomfy', { apiToken: 'none', baseUrl: url });
await engine.saveCredential('gemini', { apiKey: 'none', host: url }, 'googlePalmApi');
const file = `${url}/file.mp4`;
const items = Array.from({ length: Number(copies) }, () => ({ json: { request_id: 'large' } }));

const workflows = {
	ours: () => klingWorkflow({ operation: 'getResult' }),
	bare: () => {
		standInNodes['bench.bare'] = {
			description: { ...standInNodes['n8n-nodes-base.noOp'].description, name: 'bare' },
			async execute(this: IExecuteFunctions) {
				const { body } = (await this.helpers.httpRequest({
					url: file,
					encoding: 'stream',
					returnFullResponse: true,
				})) as { body: Buffer };
				const data = await this.helpers.prepareBinaryData(body, 'file.mp4', 'video/mp4');
				return [[{ json: {}, binary: { data }, pairedItem: { item: 0 } }]];
			},
		};
		return klingWorkflow({}, { type: 'bench.bare', credentials: {} });
	},
	httpRequest: () => {
		engine.addNode(
			'bench.http',
			join(host, 'n8n-nodes-base'),
			'dist/nodes/HttpRequest/HttpRequest.node.js',
		);
		const options = { response: { response: { responseFormat: 'file' } } };
		return klingWorkflow(
			{ url: file, options },
			{ type: 'bench.http', typeVersion: 4.2, credentials: {} },
		);
	},
	buffer: () => {
		const folder = join(host, '@n8n/n8n-nodes-langchain');
		engine.addNode('bench.gemini', folder, 'dist/nodes/vendors/GoogleGemini/GoogleGemini.node.js');
		const parameters = { resource: 'video', operation: 'download', url: file };
		const credentials = { googlePalmApi: { id: 'gemini', name: 'gemini' } };
		return klingWorkflow(parameters, { type: 'bench.gemini', typeVersion: 1.1, credentials });
	},
};
const workflow = workflows[way as keyof typeof workflows]();

// Once with a small answer, so that code and sockets are warm before idle is measured.
await fetch(`${url}/status`).then(async (response) => await response.text());
global.gc?.();
await new Promise((resolve) => setTimeout(resolve, 500));
const idle = process.memoryUsage.rss();
let peak = idle;
const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10);
const startedAt = performance.now();
const run = await engine.run(workflow, items);
const seconds = (performance.now() - startedAt) / 1000;
clearInterval(sampling);
const stored = itemsOf(run, 'Kling Video').filter(({ binary }) => binary).length;
cleanUp();
const error = run.data.resultData.error?.message;
process.stdout.write(`${JSON.stringify({ overIdle: peak - idle, seconds, stored, error })}\n`);
process.exit(0);
