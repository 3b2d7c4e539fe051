import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { ideas, klingWorkflow } from '../engine/klingWorkflow';
import { chooseCredential, itemsOf, nodeOf, readExample } from '../fixtures/workflows';
import { startHost, type Host } from '../host/host';
import { N8n } from '../host/N8n';
import { until } from '../host/processes';
import { requestsLeft } from '../fixtures/recipe';

let host: Host;
let userFolder: string;

beforeAll(async () => {
	userFolder = mkdtempSync(join(tmpdir(), 'n8n-killed-'));
	host = await startHost({}, { userFolder });
}, 900_000);

afterAll(async () => {
	await host?.stop();
	rmSync(userFolder, { recursive: true, force: true });
});

/** How many whole videos n8n has in its store. */
const filesStored = () =>
	readdirSync(join(userFolder, '.n8n'), { recursive: true, encoding: 'utf8' })
		.filter((path) => path.includes('binary_data'))
		.map((path) => statSync(join(userFolder, '.n8n', path)))
		.filter((file) => file.isFile() && file.size === RunComfyEmulator.file('16:9').length).length;

it('an n8n that is killed during the downloads leaves the ids of all in its log, and they are collected', async () => {
	const { n8n, emulator, credential } = host;
	const json = chooseCredential(klingWorkflow(), credential);
	const start = async (...prompts: string[]) => {
		const { id } = await n8n.createWorkflow({ ...json, pinData: { Ideas: ideas(...prompts) } });
		return await n8n.run(id, 'Ideas');
	};
	expect((await n8n.ended(await start('a boat'))).status).toBe('success');
	const storedBefore = filesStored();
	const known = new Set(emulator.requests.keys());
	const left = () => [...emulator.requests.keys()].filter((id) => !known.has(id));

	emulator.chooseFault = ({ endpoint, requestId }) =>
		endpoint === 'media' &&
		left()
			.slice(1)
			.some((id) => requestId?.startsWith(id))
			? 'stall'
			: undefined;
	const execution = await start('one', 'two', 'three');
	await until(
		() => (emulator.count('media') === 4 && filesStored() === storedBefore + 1) || undefined,
		30_000,
		'one video to be stored, and two on their way',
	);
	await n8n.kill();
	expect(left()).toHaveLength(3);
	expect(requestsLeft(n8n.log, execution).sort()).toEqual(left().sort());

	emulator.chooseFault = undefined;
	const again = await N8n.start({ userFolder });
	try {
		const { status } = await again.ended(execution);
		expect(status).toBe('crashed');
		const recover = chooseCredential(readExample('recover-a-request'), credential);
		const request_id = requestsLeft(n8n.log, execution);
		nodeOf(recover, 'Request IDs').parameters.jsonOutput = JSON.stringify({ request_id });
		const { id } = await again.createWorkflow(recover);
		const record = await again.ended(await again.run(id, 'When clicking ‘Execute workflow’'));
		const videos = itemsOf(record, 'Videos');
		expect(videos.map(({ json: { request_id } }) => request_id)).toEqual(request_id);
		expect(videos.map(({ binary }) => binary?.data.mimeType)).toEqual(
			request_id.map(() => 'video/mp4'),
		);
		expect(emulator.paidPosts).toBe(4);
	} finally {
		await again.stop();
	}
});
