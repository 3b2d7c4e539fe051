import { randomFillSync } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import { pngOf } from '../fixtures/pictures';
import { itemsOf } from '../fixtures/workflows';
import { startEmulatorProcess } from './emulatorProcess';
import { scratchUserFolder } from './environment';

/** Generates from 20 pictures of 5 MiB in n8n's store, and prints peak RSS over idle (bytes) as JSON. */
const ITEMS = 20;
const BYTES = 5 * 2 ** 20;

const cleanUp = scratchUserFolder();
const { Engine } = await import('../engine/Engine');
const { klingWorkflow } = await import('../engine/klingWorkflow');
const { standInNodes } = await import('../engine/standInNodes');

const engine = await Engine.start();
const emulator = await startEmulatorProcess({ scenario: 'quick' });
await engine.saveCredential('runcomfy', { apiToken: emulator.token, baseUrl: emulator.url });
const { description } = standInNodes['n8n-nodes-base.manualTrigger'];

/** Puts pictures into n8n's store, one after the other. */
engine.addType('bench.pictures', {
	description: { ...description, name: 'pictures', group: ['transform'], inputs: ['main'] },
	async execute(this: IExecuteFunctions) {
		const pictures = [];
		for (let index = 0; index < this.getInputData().length; index++) {
			const bytes = pngOf(90, 160, BYTES);
			randomFillSync(bytes, 100);
			const data = await this.helpers.prepareBinaryData(bytes, 'picture.png', 'image/png');
			pictures.push({ json: { prompt: `picture ${index}` }, binary: { data } });
		}
		global.gc?.();
		await new Promise((resolve) => setTimeout(resolve, 500));
		idle = peak = process.memoryUsage.rss();
		return [pictures];
	},
});

function workflow() {
	const json = klingWorkflow({
		generateFrom: 'image',
		startImageSource: 'binary',
		downloadMedia: false,
	});
	const [trigger] = json.nodes;
	json.nodes.push({ ...trigger, id: '9', name: 'Pictures', type: 'bench.pictures' });
	const to = (node: string) => ({ main: [[{ node, type: 'main' as const, index: 0 }]] });
	json.connections.Ideas = to('Pictures');
	json.connections.Pictures = to('Kling Video');
	return json;
}

let idle = 0;
let peak = 0;
const items = (count: number) => Array.from({ length: count }, () => ({ json: {} }));
// Once with one picture, so that code and sockets are warm before idle is measured.
await engine.run(workflow(), items(1));
const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
const startedAt = performance.now();
const run = await engine.run(workflow(), items(ITEMS));
const seconds = (performance.now() - startedAt) / 1000;
clearInterval(sampling);
const made = itemsOf(run, 'Kling Video').filter(({ json }) => json.url).length;
emulator.stop();
cleanUp();
if (made !== ITEMS) throw new Error(`${made} of ${ITEMS}: ${run.data.resultData.error?.message}`);
process.stdout.write(`${JSON.stringify({ overIdle: peak - idle, seconds })}\n`);
process.exit(0);
