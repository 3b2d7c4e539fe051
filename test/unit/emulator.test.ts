import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';

const FLUX = 'blackforestlabs/flux-2/flash/text-to-image';
const IMAGE_EDIT = 'bytedance/seedream-5.0-pro/image-to-image';
const KLING = 'kling/kling-3.0/pro/text-to-video';

let emulator: RunComfyEmulator;
beforeEach(async () => (emulator = await RunComfyEmulator.start()));
afterEach(async () => await emulator.stop());

/** Submits an input; gives the HTTP status. */
async function submit(modelId: string, input: unknown, token = emulator.token): Promise<number> {
	const { status } = await fetch(`${emulator.url}/v1/models/${modelId}`, {
		method: 'POST',
		headers: { authorization: `Bearer ${token}` },
		body: JSON.stringify(input),
	});
	return status;
}

const picture = (file: string, change: (bytes: Buffer) => void = () => undefined) => {
	const bytes = readFileSync(join(__dirname, '../fixtures/formats', file));
	change(bytes);
	return { prompt: 'a boat', image: [`data:image/png;base64,${bytes.toString('base64')}`] };
};
const tooWide = (bytes: Buffer) => {
	bytes.writeUInt32BE(2_000, 16);
	bytes.writeUInt32BE(100, 20);
};

// An emulator that takes everything would hide what the nodes send wrong.
describe('the emulator takes a request and counts it', () => {
	it.each<[string, string, unknown]>([
		['of a model of the catalog', FLUX, { prompt: 'a boat' }],
		['of Kling', KLING, { prompt: 'a boat' }],
		['with null where that is the default', FLUX, { prompt: 'a boat', seed: null }],
		['with a picture', IMAGE_EDIT, picture('still.png')],
	])('%s', async (_, modelId, input) => {
		expect(await submit(modelId, input)).toBe(202);
		expect(emulator.paidPosts).toBe(1);
	});
});

describe('the emulator refuses a request unpaid', () => {
	it.each<[string, number, string, unknown]>([
		['of a model that there is not', 404, 'no/such/model', {}],
		['with a value of another type', 422, FLUX, { prompt: 'a boat', seed: 'x' }],
		['with null where it is not the default', 422, FLUX, { prompt: null }],
		['with a field that the model does not have', 422, FLUX, { prompt: 'a boat', promt: 'x' }],
		['without what is required', 422, IMAGE_EDIT, { prompt: 'a boat' }],
		['with a duration that Kling does not make', 422, KLING, { prompt: 'a boat', duration: 99 }],
		['with a video for a picture', 422, IMAGE_EDIT, picture('clip.mp4')],
		[
			'with a picture of a shape that the model refuses',
			422,
			IMAGE_EDIT,
			picture('still.png', tooWide),
		],
		[
			'with the name of a binary field for a file',
			422,
			IMAGE_EDIT,
			{ prompt: 'a', image: ['data'] },
		],
		['with http for a file', 422, IMAGE_EDIT, { prompt: 'a', image: ['http://x.example/a.png'] }],
		['of more than 64 MiB', 413, FLUX, { prompt: 'a'.repeat(64 * 2 ** 20) }],
	])(
		'%s',
		async (_, status, modelId, input) => {
			expect(await submit(modelId, input)).toBe(status);
			expect(emulator.paidPosts).toBe(0);
		},
		60_000,
	);

	it('with another token', async () => {
		expect(await submit(FLUX, { prompt: 'a boat' }, 'another')).toBe(401);
		expect(emulator.paidPosts).toBe(0);
	});
});
