import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { INode } from 'n8n-workflow';
import { SCENARIOS } from '../emulator/scenarios';
import { klingWorkflow } from '../engine/klingWorkflow';
import { chooseCredential, itemsOf } from '../fixtures/workflows';
import { startHost, type Host } from '../host/host';
import { until } from '../host/processes';

const FRAME = readFileSync(resolve(__dirname, '../fixtures/clips/still.png'));

let host: Host | undefined;
afterEach(async () => await host?.stop());

it.each(['filesystem', 'database'])(
	'an image uploaded to a webhook is paid once with Retry of its execution (%s), and its request is shown with it',
	async (store) => {
		host = await startHost({}, { env: { N8N_DEFAULT_BINARY_DATA_MODE: store } });
		const { n8n, emulator, credential } = host;
		const json = chooseCredential(
			klingWorkflow({
				prompt: '[endless] a boat',
				generateFrom: 'image',
				startImageSource: 'binary',
				options: { maximumWaitMinutes: 0.05 },
			}),
			credential,
		);
		Object.assign(json.nodes[0], {
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: 'upload',
			parameters: { httpMethod: 'POST', path: 'upload', responseMode: 'onReceived' },
		} satisfies Partial<INode>);
		const created = await n8n.createWorkflow(json);
		await n8n.activate(created);
		const send = async () => {
			const body = new FormData();
			body.set('data', new Blob([FRAME], { type: 'image/png' }), 'frame.png');
			return (await fetch(`${n8n.url}/webhook/upload`, { method: 'POST', body })).ok || undefined;
		};
		await until(send, 20_000, 'the webhook');
		const find = async (mode: string) =>
			(await n8n.executions(created.id)).find((execution) => execution.mode === mode);
		const { id } = await until(async () => await find('webhook'), 20_000, 'the execution');
		const failed = await n8n.ended(id);
		expect(failed.status).toBe('error');
		const [request] = emulator.requests.values();
		const { customData } = await n8n.get<{ customData: object }>(`/rest/executions/${id}`);
		expect(customData).toEqual({ runcomfy_requests: request.requestId });

		request.scenario = SCENARIOS.instant;
		void n8n.retryExecution(id).catch(() => undefined);
		const retry = await until(async () => await find('retry'), 20_000, 'the retry');
		const record = await n8n.ended(retry.id);
		expect(record.status).toBe('success');
		const [{ json: made, binary }] = itemsOf(record, 'Videos');
		expect(made.request_id).toBe(request.requestId);
		expect(binary?.data.mimeType).toBe('video/mp4');
		expect(emulator.paidPosts).toBe(1);
	},
	300_000,
);

it('the custom data of a stopped execution has its request', async () => {
	host = await startHost();
	const { n8n, emulator, credential } = host;
	const json = chooseCredential(klingWorkflow({ prompt: '[endless] a boat' }), credential);
	const created = await n8n.createWorkflow({ ...json, pinData: { Ideas: [{ json: {} }] } });
	const execution = await n8n.run(created.id, 'Ideas');
	await until(() => emulator.paidPosts === 1 || undefined, 20_000, 'the request');
	await n8n.stopExecution(execution);
	await n8n.ended(execution);
	const read = async () => {
		const { customData } = await n8n.get<{ customData: { runcomfy_requests?: string } }>(
			`/rest/executions/${execution}`,
		);
		return customData.runcomfy_requests;
	};
	const shown = await until(read, 20_000, 'the custom data');
	expect(shown).toBe([...emulator.requests.keys()][0]);
}, 300_000);
