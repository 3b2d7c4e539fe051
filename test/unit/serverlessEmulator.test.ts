import { DEPLOYMENTS } from '../fixtures/deployments';
import { stateOf } from '../emulator/request';
import { ServerlessEmulator } from '../emulator/ServerlessEmulator';

let emulator: ServerlessEmulator;
beforeEach(async () => (emulator = await ServerlessEmulator.start()));
afterEach(async () => await emulator.stop());

async function call(path: string, body?: string | object, token = emulator.token) {
	const response = await fetch(`${emulator.url}/prod/v2/deployments${path}`, {
		method: body === undefined ? 'GET' : 'POST',
		headers: { authorization: `Bearer ${token}` },
		...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	});
	return { status: response.status, text: await response.text() };
}

const { textToImage, imageEdit, everyLoader, disabled, lora } = DEPLOYMENTS;
const submit = async (id: string, body: string | object) => await call(`/${id}/inference`, body);

// An emulator that takes everything would hide what the node sends wrong.
it.each<[string, string, string | object]>([
	['no override', textToImage, { overrides: {} }],
	[
		'a text and a seed',
		textToImage,
		{ overrides: { 6: { inputs: { text: 'x' } }, 3: { inputs: { seed: 5 } } } },
	],
	[
		'the largest seed',
		imageEdit,
		'{"overrides":{"57:5":{"inputs":{"seed":18446744073709551615}}}}',
	],
	[
		'a file by URL',
		everyLoader,
		{ overrides: { 1: { inputs: { image: 'https://example.com/a.png' } } } },
	],
	['another workflow', textToImage, { workflow_api_json: { 1: { class_type: 'A', inputs: {} } } }],
	['the flat input of a LoRA', lora, { prompt: 'a boat' }],
])('a request with %s is taken, and counted', async (_, id, body) => {
	expect((await submit(id, body)).status).toBe(200);
	expect(emulator.paidPosts).toBe(1);
});

it.each<[string, number, string, object]>([
	['no overrides', 422, textToImage, {}],
	['an unknown node', 422, textToImage, { overrides: { 99: { inputs: {} } } }],
	['an unknown input', 422, textToImage, { overrides: { 6: { inputs: { txt: 'x' } } } }],
	['an input that is linked', 422, textToImage, { overrides: { 6: { inputs: { clip: 'x' } } } }],
	['a number as text', 422, textToImage, { overrides: { 3: { inputs: { steps: '5' } } } }],
	['a number out of range', 422, textToImage, { overrides: { 3: { inputs: { cfg: 101 } } } }],
	[
		'a choice that there is not',
		422,
		textToImage,
		{ overrides: { 3: { inputs: { sampler_name: 'x' } } } },
	],
	[
		'a list, which is a link',
		422,
		textToImage,
		{ overrides: { 6: { inputs: { text: ['4', 0] } } } },
	],
	[
		'a file that is none',
		422,
		everyLoader,
		{ overrides: { 1: { inputs: { image: 'data:image/png;base64,AAAA' } } } },
	],
	['both ways of input', 422, textToImage, { overrides: {}, workflow_api_json: {} }],
	['a deployment that is switched off', 400, disabled, { overrides: {} }],
	['a deployment that there is not', 403, 'x', { overrides: {} }],
])('a request with %s is refused unpaid', async (_, status, id, body) => {
	expect((await submit(id, body)).status).toBe(status);
	expect(emulator.paidPosts).toBe(0);
});

it('the same inputs on a warm machine give nothing new', async () => {
	emulator.scenario = { ...emulator.scenario, runMs: 0 };
	const results = [];
	for (const seed of [5, 5, 6]) {
		const { text } = await submit(textToImage, { overrides: { 3: { inputs: { seed } } } });
		const { request_id: id } = JSON.parse(text) as { request_id: string };
		const { text: result } = await call(`/${textToImage}/requests/${id}/result`);
		results.push(Object.keys((JSON.parse(result) as { outputs: object }).outputs));
	}
	expect(results).toEqual([['9'], [], ['9']]);
});

it('a seed of 64 bits is told with all its digits, and the list needs the token', async () => {
	const { text } = await call(`/${imageEdit}?includes=payload`);
	expect(text).toContain('"seed":18446744073709551615');
	expect((await call('', undefined, 'wrong')).status).toBe(401);
	expect(JSON.parse((await call('')).text)).toHaveLength(10);
});

it.each([
	[1_000, 'cancelled'],
	[3_000, 'completed'],
])(
	'a run of 2 s whose cancel takes effect after %i ms ends as %s, and stays so',
	async (cancelledAt, end) => {
		const scenario = { ...emulator.scenario, queuedMs: 0, runMs: 2_000 };
		await submit(textToImage, { overrides: {} });
		const [request] = emulator.requests.values();
		const ran = { ...request, scenario, createdAt: 0, cancelledAt };
		expect([2_000, 9_000].map((now) => stateOf(ran, now))).toEqual([end, end]);
	},
);
