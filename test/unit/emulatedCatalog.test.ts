import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { catalogEntries, longCatalog, type CatalogEntry } from '../fixtures/catalog';
import { fullInput, smallestInput, wrongInputs } from '../fixtures/catalogInputs';
import { oddModels } from '../fixtures/oddModels';

const FORMATS = join(__dirname, '../fixtures/formats');
const SPEECH = 'bytedance/seed-audio-1.0/text-to-audio';
const FLUX = 'blackforestlabs/flux-2/flash/text-to-image';
const IMAGE_EDIT = 'bytedance/seedream-5.0-pro/image-to-image';

let emulator: RunComfyEmulator;
beforeEach(async () => (emulator = await RunComfyEmulator.start({ scenario: 'instant' })));
afterEach(async () => await emulator.stop());

async function call(path: string, body?: unknown, token = emulator.token) {
	const answer = await fetch(`${emulator.url}/v1/${path}`, {
		method: body === undefined ? 'GET' : 'POST',
		headers: { authorization: `Bearer ${token}` },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function list(query = '') {
	const { body } = await call(`models${query}`);
	return body as { models: CatalogEntry[]; total: number; limit: number; offset: number };
}

const idsOf = (models: CatalogEntry[]) => models.map(({ model_id: id }) => id);

/** The output of a finished request. */
async function outputOf(modelId: string, input: object) {
	const { body } = await call(`models/${modelId}`, input);
	for (;;) {
		const result = await call(`requests/${String(body.request_id)}/result`);
		if (result.body.status === 'completed') return result.body.output as Record<string, string>;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

const dataUri = (type: string, file: string) =>
	`data:${type};base64,${readFileSync(join(FORMATS, file)).toString('base64')}`;

describe('the list of models', () => {
	it('has every model, without its schema', async () => {
		const { models, total, limit, offset } = await list();
		expect(idsOf(models)).toEqual(idsOf(catalogEntries()));
		expect({ total, limit, offset }).toEqual({ total: 42, limit: 100, offset: 0 });
		expect(models.filter((model) => 'input_schema' in model)).toEqual([]);
		expect((await list('?include_schema=true')).models).toEqual(catalogEntries());
	});

	it('comes in pages', async () => {
		emulator.catalog = longCatalog();
		const pages = await Promise.all(
			[0, 150, 300, 450].map((at) => list(`?limit=150&offset=${at}`)),
		);
		expect(pages.map(({ models }) => models.length)).toEqual([150, 150, 100, 0]);
		expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([400]));
		expect(new Set(pages.flatMap(({ models }) => idsOf(models))).size).toBe(400);
		expect((await call('models?limit=501')).status).toBe(422);
	});

	it.each([
		['search=NANO-banana', ['google/nano-banana-2-lite/edit']],
		['search=a2v%20pro', ['lightricks/ltx-2.5/audio-to-video/pro']],
		['search=larger%20and', ['community/seedvr2/upscale/video']],
		['category=edit-video', ['wan-ai/wan-2.7/edit-video']],
		['kind=inference', ['odd/object-property/text-to-image']],
		['category=text-to-audio&search=music', ['elevenlabs/elevenlabs/music-generation']],
		['search=no-such-model', []],
	])('finds by %s', async (query, ids) => {
		const { models, total } = await list(`?${query}`);
		expect(idsOf(models)).toEqual(ids);
		expect(total).toBe(ids.length);
	});

	it('names the categories', async () => {
		const { body } = await call('models/categories');
		const all = catalogEntries().flatMap(({ categories = [] }) => categories);
		expect(body).toEqual({ categories: [...new Set(all)].sort() });
	});
});

describe('one model', () => {
	it('is told with its schema, as it is at the time', async () => {
		expect(await call(`models/${FLUX}`)).toEqual({ status: 200, body: emulator.model(FLUX) });
		emulator.model(FLUX).input_schema = { properties: { seed: { type: 'float' } } };
		expect((await call(`models/${FLUX}`)).body.input_schema).toEqual({
			properties: { seed: { type: 'float' } },
		});
		expect((await call(`models/${FLUX}`, { seed: 'x' })).status).toBe(422);
		expect((await call(`models/${FLUX}`, { seed: 1.5 })).status).toBe(200);
	});

	it('that is not there is refused', async () => {
		const { status, body } = await call('models/no/such/model');
		expect([status, body.error_code]).toEqual([404, 404001]);
		expect((await call('models/no/such/model', {})).status).toBe(404);
		expect(emulator.paidPosts).toBe(0);
	});

	it('is added by a test', async () => {
		emulator.catalog.push({ model_id: 'odd/added' });
		expect((await call('models/odd/added')).body).toEqual({ model_id: 'odd/added' });
		expect((await call('models/odd/added', { any: ['thing'] })).status).toBe(200);
		expect((await call('models/odd/added', ['no object'])).status).toBe(422);
	});
});

it.each(['models', 'models/categories', `models/${FLUX}`])('%s needs the token', async (path) => {
	expect((await call(path, undefined, 'another')).status).toBe(401);
});

it('the catalog can be down while requests are taken', async () => {
	emulator.chooseFault = ({ endpoint }) => (endpoint.startsWith('model') ? 'json503' : undefined);
	expect((await call('models')).status).toBe(503);
	expect((await call('models/categories')).status).toBe(503);
	expect((await call(`models/${FLUX}`)).status).toBe(503);
	expect((await call(`models/${FLUX}`, { prompt: 'a boat' })).status).toBe(200);
	expect([emulator.count('models'), emulator.count('model'), emulator.count('submit')]).toEqual([
		2, 1, 1,
	]);
	expect(emulator.calls[2]).toMatchObject({ modelId: FLUX, fault: 'json503' });
});

describe('a request', () => {
	it.each(catalogEntries())('of $model_id is checked by its schema', async (entry) => {
		const path = `models/${entry.model_id}`;
		for (const input of [smallestInput(entry), fullInput(entry)]) {
			expect((await call(path, input)).body).toHaveProperty('request_id');
		}
		if (entry.model_id.startsWith('kling/kling-3.0/')) return;
		for (const { field, rule, input } of wrongInputs(entry)) {
			const { status, body } = await call(path, input);
			const detail = body.detail as Array<{ loc: string[]; type: string }>;
			expect([status, detail.map(({ loc }) => loc[1])]).toEqual([
				422,
				expect.arrayContaining([field]),
			]);
			expect(detail.map(({ type }) => type)).toContain(rule);
		}
		expect(emulator.paidPosts).toBe(2);
	});

	it('may leave out what is required and no property, and may bring it', async () => {
		const path = 'models/bytedance/seedream-4-5/edit';
		expect((await call(path, { prompt: 'a boat' })).status).toBe(200);
		const image = ['https://files.example.com/a.png'];
		expect((await call(path, { prompt: 'a boat', image_urls: image })).status).toBe(200);
	});

	it.each([
		['image/png', 'still.png', 200],
		['image/webp', 'still.webp', 200],
		['image/avif', 'still.avif', 200],
		['image/png', 'clip.mp4', 422],
		['video/mp4', 'still.png', 422],
	])('takes an image as data URI of %s with %s: %d', async (type, file, status) => {
		const input = { prompt: 'a boat', image: [dataUri(type, file)] };
		expect((await call(`models/${IMAGE_EDIT}`, input)).status).toBe(status);
	});

	const files = readdirSync(FORMATS).map((file): [string, string] => {
		const kind = /^(still|clip|fragmented)/.exec(file)?.[1] ?? 'tone';
		return [file, { still: 'image', tone: 'audio' }[kind] ?? 'video'];
	});
	it.each(files)('knows %s as %s', async (file, kind) => {
		emulator.catalog = [
			{
				model_id: 'odd/file',
				input_schema: { properties: { file: { type: 'string', format: `${kind}_uri` } } },
			},
		];
		const input = { file: dataUri(`${kind}/any`, file) };
		expect((await call('models/odd/file', input)).status).toBe(200);
		const other = dataUri(`${kind}/any`, kind === 'image' ? 'clip.mp4' : 'still.png');
		expect((await call('models/odd/file', { file: other })).status).toBe(422);
		expect((await call('models/odd/file', { file: `${input.file}!` })).status).toBe(422);
	});

	it.each(['http://files.example.com/a.png', 'data', 'data:image/png;base64,', 'https://'])(
		'takes %s for no file',
		async (url) => {
			const input = { prompt: 'a boat', image: [url] };
			expect((await call(`models/${IMAGE_EDIT}`, input)).status).toBe(422);
		},
	);

	it('is held to the validations of a file that it brings', async () => {
		const wide = readFileSync(join(FORMATS, 'still.png'));
		wide.writeUInt32BE(2_000, 16);
		wide.writeUInt32BE(100, 20);
		const input = { prompt: 'a', image: [`data:image/png;base64,${wide.toString('base64')}`] };
		const { status, body } = await call(`models/${IMAGE_EDIT}`, input);
		expect([status, body.detail]).toEqual([
			422,
			[expect.objectContaining({ loc: ['body', 'image', '0'], type: 'validations' })],
		]);
	});

	it('may not be larger than 64 MiB', async () => {
		const input = { prompt: 'a'.repeat(64 * 2 ** 20) };
		expect((await call(`models/${FLUX}`, input)).status).toBe(413);
		expect(emulator.paidPosts).toBe(0);
	}, 60_000);

	it.each(oddModels())('of a model with $oddity is taken', async ({ entry }) => {
		emulator.catalog = [entry];
		expect((await list()).models).toHaveLength(1);
		expect((await call(`models/${entry.model_id}`)).body).toEqual(entry);
		for (const input of [smallestInput(entry), fullInput(entry)]) {
			expect((await call(`models/${entry.model_id}`, input)).body).toHaveProperty('request_id');
		}
	});

	it('may have a name that every object has, and may leave it out', async () => {
		emulator.model(FLUX).input_schema = { properties: { constructor: { type: 'string' } } };
		expect((await call(`models/${FLUX}`, {})).status).toBe(200);
		expect((await call(`models/${FLUX}`, { constructor: 'x' })).status).toBe(200);
		expect((await call(`models/${FLUX}`, { constructor: 7 })).status).toBe(422);
	});

	it('of a model with alternatives is checked by them', async () => {
		emulator.model(FLUX).input_schema = {
			properties: { size: { oneOf: [{ type: 'float' }, { type: 'string', enum: ['auto'] }] } },
		};
		expect((await call(`models/${FLUX}`, { size: 'auto' })).status).toBe(200);
		expect((await call(`models/${FLUX}`, { size: 0.5 })).status).toBe(200);
		expect((await call(`models/${FLUX}`, { size: 'large' })).status).toBe(422);
	});

	it('may say null where that is the default', async () => {
		expect((await call(`models/${FLUX}`, { prompt: 'a boat', seed: null })).status).toBe(200);
		expect((await call(`models/${FLUX}`, { prompt: null })).status).toBe(422);
	});
});

describe('a result', () => {
	const ours = (ending: string) => new RegExp(`^${emulator.url}/media/.+\\.${ending}\\?`);

	it.each([
		[FLUX, 'image', 'png'],
		['google/nano-banana-2-lite/edit', 'image', 'png'],
		['wan-ai/wan-2.7/edit-video', 'video', 'mp4'],
		['community/seedvr2/upscale/video', 'video', 'mp4'],
		[SPEECH, 'audio', 'mp3'],
		['acestep-ai/ace-step/audio-inpaint', 'audio', 'mp3'],
	])('of %s is %s: a real %s', async (modelId, kind, ending) => {
		const output = await outputOf(modelId, smallestInput(emulator.model(modelId)));
		expect(output).toEqual({ [kind]: expect.stringMatching(ours(ending)) });
		const file = await fetch(output[kind]);
		expect(file.headers.get('content-type')).toMatch(new RegExp(`^${kind}/`));
		const bytes = Buffer.from(await file.arrayBuffer());
		expect(bytes).toEqual(RunComfyEmulator.file(undefined, ending));
	});

	it('has as many images as were asked for', async () => {
		const modelId = 'wan-ai/wan-2.7/pro/edit';
		const input = { ...smallestInput(emulator.model(modelId)), num_images: 2 };
		expect((await outputOf(modelId, input)).images).toHaveLength(2);
	});

	it('is what the prompt asks for by name', async () => {
		expect(await outputOf(FLUX, { prompt: '[text] a boat' })).toEqual({
			text: expect.stringContaining('boat'),
		});
		expect((await outputOf(FLUX, { prompt: '[audios] a boat' })).audios).toHaveLength(2);
		expect(await outputOf(FLUX, { prompt: '[instant] a boat' })).toHaveProperty('image');
	});
});
