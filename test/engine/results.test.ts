import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeExecutionData, IRun } from 'n8n-workflow';
import { itemsOf } from '../fixtures/workflows';
import { klingWorkflow } from './klingWorkflow';
import { located, modelWorkflow } from './modelWorkflow';
import { createWorld, errorOf, type World } from './world';

const png = readFileSync(join(__dirname, '../fixtures/formats/still.png'));
const pngUri = `data:image/png;base64,${png.toString('base64')}`;
/** Long enough to be seen wherever a copy of it is. */
const largeUri = `data:application/octet-stream;base64,${Buffer.alloc(2 ** 20, 'runcomfy').toString('base64')}`;
const PROMPT = 'a paper boat on a rainy street';

let world: World;
beforeEach(async () => {
	world = await createWorld();
	world.engine.log.length = 0;
});
afterEach(async () => await world.end());

type Node = 'Kling Video' | 'RunComfy';
const NODES: Node[] = ['Kling Video', 'RunComfy'];

/** What a user gets. */
type Gets =
	/** Items with files, of these types. */
	| { files: string[] }
	/** An item that has what came back, and no file. */
	| { noFile: object }
	/** An error with this message, and these words in its description. */
	| { error: string; says?: string };

interface Row {
	shape: string;
	/** What `result` says of the finished request; a file is at this URL. */
	result: (file: string) => object;
	/** The same for both nodes, or by node. */
	gets: Gets | Record<Node, Gets>;
}

const MP4: Gets = { files: ['video/mp4'] };
const REFUSED = 'blocked for safety';
const noFile = (output: unknown, says: string, reason = ''): Record<Node, Gets> => ({
	'Kling Video': { error: `RunComfy returned no file${reason && `: ${reason}`}`, says },
	RunComfy: { noFile: { count: 0, output } },
});

const ROWS: Row[] = [
	{ shape: 'video', result: (file) => ({ output: { video: file } }), gets: MP4 },
	{ shape: 'videos', result: (file) => ({ output: { videos: [file] } }), gets: MP4 },
	{ shape: 'an object with a url', result: (url) => ({ output: { video: { url } } }), gets: MP4 },
	{ shape: 'one URL', result: (file) => ({ output: file }), gets: MP4 },
	{
		shape: 'a list of URLs',
		result: (file) => ({ output: [file, `${file}&2`] }),
		gets: { files: ['video/mp4', 'video/mp4'] },
	},
	{ shape: 'lists in lists', result: (file) => ({ output: [[file]] }), gets: MP4 },
	{ shape: 'video_url', result: (file) => ({ output: { video_url: file } }), gets: MP4 },
	{ shape: 'url', result: (url) => ({ output: { url } }), gets: MP4 },
	{ shape: 'files', result: (file) => ({ output: { files: [{ href: file }] } }), gets: MP4 },
	{ shape: 'gif', result: (file) => ({ output: { gif: file } }), gets: MP4 },
	{ shape: 'video.path', result: (path) => ({ output: { video: { path } } }), gets: MP4 },
	{
		shape: 'result.images',
		result: (file) => ({ output: { result: { images: [file] } } }),
		gets: MP4,
	},
	{
		shape: 'beside an empty output',
		result: (file) => ({ output: {}, video_url: file }),
		gets: MP4,
	},
	{ shape: 'without an output', result: (file) => ({ data: { url: file } }), gets: MP4 },
	{
		shape: 'a data URI',
		result: () => ({ output: { image: pngUri } }),
		gets: { files: ['image/png'] },
	},
	{ shape: 'a data URI alone', result: () => ({ output: pngUri }), gets: { files: ['image/png'] } },
	{
		shape: 'an echoed input',
		result: (file) => ({ output: null, input: { image_url: file } }),
		gets: noFile(null, 'names no file'),
	},
	{
		shape: 'an empty output',
		result: () => ({ output: {} }),
		gets: noFile({}, 'Result: {"output":{}'),
	},
	{
		shape: 'a text',
		result: () => ({ output: 'a red boat' }),
		gets: noFile('a red boat', 'Result: {"output":"a red boat"'),
	},
	{
		shape: 'a text in a field',
		result: () => ({ output: { text: 'a red boat' } }),
		gets: noFile({ text: 'a red boat' }, 'Result: {"output":{"text":"a red boat"}'),
	},
	{
		shape: 'a reason',
		result: () => ({ output: { failure_reason: REFUSED } }),
		gets: noFile({ failure_reason: REFUSED }, 'Result:', REFUSED),
	},
	{
		shape: 'reasons in a list, deep',
		result: () => ({ output: { response: { raiMediaFilteredReasons: [REFUSED] } } }),
		gets: noFile({ response: { raiMediaFilteredReasons: [REFUSED] } }, 'Result:', REFUSED),
	},
	{
		shape: 'a message beside the output',
		result: () => ({ output: {}, message: REFUSED }),
		gets: noFile({}, 'Result:', REFUSED),
	},
	{
		shape: 'an error beside the output',
		result: (video) => ({ output: { video }, error: REFUSED }),
		gets: { error: REFUSED, says: '/media/' },
	},
	{
		shape: 'an error alone',
		result: () => ({ error: { detail: REFUSED } }),
		gets: { error: REFUSED },
	},
	{
		shape: 'an unknown word and its reason',
		result: () => ({ status: 'nsfw', failure_reason: REFUSED }),
		gets: { error: REFUSED, says: 'Last status: nsfw' },
	},
];

/** Runs a node whose request ends with this result. */
async function run(node: Node, result: (file: string) => object, settings = {}): Promise<IRun> {
	world.emulator.respond = ({ endpoint, requestId }, usual) => {
		const answer = usual();
		if (endpoint !== 'result' || !String(answer.body).includes('"output"')) return answer;
		const { output: _, ...rest } = JSON.parse(String(answer.body)) as Record<string, unknown>;
		const file = `${world.emulator.url}/media/${requestId}_0.mp4?signature=1`;
		return { ...answer, body: JSON.stringify({ ...rest, ...result(file) }) };
	};
	const flux = located('blackforestlabs/flux-2/flash/text-to-image');
	const workflow =
		node === 'RunComfy'
			? modelWorkflow({ model: flux, prompt: PROMPT }, settings)
			: klingWorkflow({ prompt: PROMPT }, settings);
	return await world.engine.run(workflow);
}

const idOf = () => [...world.emulator.requests.keys()][0];
const ownLog = () => world.engine.log.filter((line) => line.includes(': RunComfy: '));

describe.each(NODES)('what %s makes of a result', (node) => {
	it.each(ROWS.map(({ shape, result, gets }) => [shape, result, gets] as const))(
		'%s',
		async (_, result, gets) => {
			const ended = await run(node, result);
			const expected = 'Kling Video' in gets ? gets[node] : gets;
			if ('error' in expected) {
				const { message, description } = errorOf(ended);
				expect(message).toContain(expected.error);
				expect(description).toContain(expected.says ?? '');
				expect(description).toContain(`Request ID: ${idOf()}`);
				return;
			}
			const items = itemsOf(ended, node);
			const types = items.flatMap(({ binary }) => binary?.data.mimeType ?? []);
			expect(types).toEqual('files' in expected ? expected.files : []);
			expect(items.map(({ json }) => json.request_id)).toEqual(items.map(idOf));
			if ('noFile' in expected) expect(items[0]?.json).toMatchObject(expected.noFile);
		},
	);

	it('has a data URI once, in the file, and in no error, URL or line of the log', async () => {
		const [item] = itemsOf(
			await run(node, () => ({ output: { file: largeUri }, page: `<img src="${largeUri}">` })),
			node,
		);
		expect((await world.engine.binary(item.binary?.data)).length).toBe(2 ** 20);
		expect(JSON.stringify(item.json).length).toBeLessThan(2_000);
		expect(item.json.url).toBeUndefined();
		expect(ownLog().join().length).toBeLessThan(5_000);
	});
});

describe('the names of several files', () => {
	it.each<[string, (file: string) => object, boolean]>([
		['stand in the output', (url) => ({ foreground: url, matte: `${url}&2` }), true],
		['inside a field too', (url) => ({ layers: { sky: url, sea: `${url}&2` } }), true],
		['are not repeated of a list', (url) => ({ video: null, videos: [url, `${url}&2`] }), false],
	])('%s', async (_, output, isTold) => {
		const items = itemsOf(await run('RunComfy', (file) => ({ output: output(file) })), 'RunComfy');
		expect(items.map(({ json }) => json.output !== undefined)).toEqual([isTold, isTold]);
		if (isTold) {
			const text = JSON.stringify(items[0].json.output);
			for (const { json } of items) expect(text).toContain(`":"${String(json.url)}"`);
		}
	});
});

describe('the error of a completed request without a file', () => {
	const errorItem = async (result: () => object): Promise<INodeExecutionData> =>
		itemsOf(
			await run('Kling Video', result, { onError: 'continueRegularOutput' }),
			'Kling Video',
		)[0];

	it('has what came back in details.output', async () => {
		const { json } = await errorItem(() => ({ output: { text: 'a red boat' } }));
		expect(json.details).toMatchObject({ reason: 'noMedia', request_id: idOf(), cost: 0.84 });
		const { output } = json.details as { output: string };
		expect(JSON.parse(output)).toMatchObject({ output: { text: 'a red boat' } });
	});

	it('has no more than 1,000 characters of it, no data URI and no prompt', async () => {
		const { json } = await errorItem(() => ({
			output: {
				note: `see ${pngUri}`,
				prompt: PROMPT,
				words: 'x'.repeat(5_000).replace(/.{9}./g, '$& '),
			},
		}));
		const { output } = json.details as { output: string };
		expect(output.length).toBeLessThanOrEqual(1_001);
		expect(output).toContain('data:image/png…');
		expect(JSON.stringify(json)).not.toContain('rainy street');
		expect(JSON.stringify(json)).not.toContain(png.toString('base64').slice(0, 40));
	});
});

describe('an answer that repeats a data URI of the input', () => {
	it('does not bring it into the items of Submit and Get Status', async () => {
		world.emulator.respond = ({ endpoint }, usual) => {
			const answer = usual();
			if (endpoint !== 'submit' && endpoint !== 'status') return answer;
			const body = JSON.parse(String(answer.body)) as object;
			return { ...answer, body: JSON.stringify({ ...body, input: { image: largeUri } }) };
		};
		const parameters = { prompt: '[queued] a boat', operation: 'submit' };
		const submitted = itemsOf(await world.engine.run(klingWorkflow(parameters)), 'Kling Video');
		const read = klingWorkflow({ operation: 'getStatus', requestId: idOf() });
		const status = itemsOf(await world.engine.run(read), 'Kling Video');
		for (const { json } of [...submitted, ...status]) {
			expect(json.request_id).toBe(idOf());
			expect(JSON.stringify(json).length).toBeLessThan(2_000);
		}
	});
});
