import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { LocalServer } from '../emulator/LocalServer';
import { itemsOf } from '../fixtures/workflows';
import { klingWorkflow } from './klingWorkflow';
import { modelWorkflow } from './modelWorkflow';
import { createWorld, errorOf, type World } from './world';

const fixture = (path: string) => readFileSync(join(__dirname, '../fixtures', path));
const png = fixture('formats/still.png');
const mp4 = fixture('clips/16x9.mp4');
const uriOf = (type: string, bytes: Buffer) => `data:${type};base64,${bytes.toString('base64')}`;
const uriOfPng = uriOf('image/png', png);

/** A file that a result names: its Content-Type and what is in it. */
type ServedFile = [contentType: string, contents: string | Buffer];

/** A server whose one request has this result, in which `{file}` is the URL of the one file. */
class OneResult extends LocalServer {
	private constructor(
		private readonly result: object,
		private readonly file: ServedFile,
	) {
		super();
	}

	static async with(result: object, file: ServedFile): Promise<OneResult> {
		return await new OneResult(result, file).listen();
	}

	protected async answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
		if (url === '/file') {
			const [contentType, contents] = this.file;
			response.writeHead(200, { 'content-type': contentType }).end(contents);
			return;
		}
		const body = { request_id: 'r-1', status: 'completed', ...this.result };
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify(body).replaceAll('{file}', `${this.url}/file`));
	}
}

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());

const WORKFLOWS = { RunComfy: modelWorkflow, 'Kling Video': klingWorkflow };
type NodeName = keyof typeof WORKFLOWS;

async function collect(result: object, file: ServedFile = ['', ''], node: NodeName = 'RunComfy') {
	const server = await OneResult.with(result, file);
	await world.engine.saveCredential('other', { apiToken: 'a-token-of-mine', baseUrl: server.url });
	const workflow = WORKFLOWS[node]({ operation: 'getResult', requestId: 'r-1' });
	workflow.nodes[1].credentials = { runComfyApi: { id: 'other', name: 'other' } };
	return await world.engine.run(workflow).finally(async () => await server.stop());
}

async function filesOf(result: object, file?: ServedFile, node: NodeName = 'RunComfy') {
	const run = await collect(result, file, node);
	expect(run.data.resultData.error).toBeUndefined();
	return itemsOf(run, node).map(({ binary }) => binary?.data?.mimeType);
}

describe('a data URI in a result is a file', () => {
	it.each<[string, object, string[]]>([
		['in lines', { output: [uriOfPng.replace(/.{76}/g, '$&\n')] }, ['image/png']],
		['with blanks around it', { output: [` ${uriOfPng}\n`] }, ['image/png']],
		[
			'with blanks in it',
			{ output: ['data:image/svg+xml;utf8,<svg width="1"/>'] },
			['image/svg+xml'],
		],
		['with a percent sign that is one', { output: ['data:text/plain,100%'] }, ['text/plain']],
		[
			'beside a field that names another',
			{ output: { image: '{file}', last_frame: uriOfPng } },
			['image/png', 'image/png'],
		],
	])('%s', async (_, result, types) => {
		expect(await filesOf(result, ['image/png', png])).toEqual(types);
		expect(await filesOf(result, ['image/png', png], 'Kling Video')).toEqual(types);
	});

	it('with the length of a video', async () => {
		const run = await collect({ output: { video: uriOf('video/mp4', mp4) } });
		expect(itemsOf(run, 'RunComfy')[0].json).toMatchObject({
			duration: 3,
			width: expect.any(Number),
		});
	});

	it('unless it is cut short', async () => {
		const cut = uriOf('video/mp4', mp4.subarray(0, mp4.length - 2000));
		expect(errorOf(await collect({ output: { video: cut } })).description).toContain('cut short');
	});
});

it('words that begin as a data URI does stand in the item', async () => {
	const text = 'Data: a boat, on a calm sea';
	const run = await collect({ output: { text } });
	expect(itemsOf(run, 'RunComfy')[0].json).toMatchObject({ count: 0, output: { text } });
});

it('a URL may have blanks around it', async () => {
	expect(await filesOf({ output: ' {file}\n' }, ['image/png', png])).toEqual(['image/png']);
});

describe('a result without a file stands in the error of Kling Video', () => {
	it.each<[string, object, string]>([
		['a text', { output: { text: 'words of it' } }, 'words of it'],
		['a reason', { output: {}, raiMediaFilteredReasons: ['a reason'] }, 'a reason'],
	])('%s', async (_, result, words) => {
		expect(errorOf(await collect(result, undefined, 'Kling Video')).description).toContain(words);
	});
});

describe('text is delivered with its own type', () => {
	const LONG = `<?xml version="1.0"?><!-- ${'made by a program '.repeat(40)}-->`;
	it.each<[string, ServedFile]>([
		['an SVG behind a long comment', ['image/svg+xml', `${LONG}<svg/>`]],
		['JSON in which there is a tag', ['application/json', '{"prompt":"a <html> page"}']],
		['subtitles with a head', ['application/ttml+xml', '<?xml version="1.0"?><tt><head/></tt>']],
		['a program', ['text/x-python', 'print("<body>")']],
	])('%s', async (_, file) => {
		expect(await filesOf({ output: { url: '{file}' } }, file)).toEqual([file[0]]);
	});

	it.each<[string, ServedFile]>([
		['with a picture in it', ['text/plain', '<!doctype html><title>Gone</title><svg/>']],
		['behind a comment', ['video/mp4', '\uFEFF<!-- <svg> --><html>']],
		['of a store', ['application/xml', '<?xml version="1.0"?>\n<Error><Code>Gone</Code></Error>']],
	])('unless it is an error page %s', async (_, file) => {
		const { description } = errorOf(await collect({ output: { url: '{file}' } }, file));
		expect(description).toContain('a web page or an error message');
	});
});
