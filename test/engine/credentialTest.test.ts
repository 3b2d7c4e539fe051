import { CredentialTestContext } from 'n8n-core';
import type { ICredentialTestFunctions, IWorkflowExecuteAdditionalData } from 'n8n-workflow';
import type { FaultName } from '../emulator/faults';
import { createWorld, type World } from './world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());

async function test(data: Record<string, string>, fault?: FaultName) {
	world.emulator.chooseFault = () => fault;
	const context = new CredentialTestContext({} as IWorkflowExecuteAdditionalData);
	const { testCredential } = world.engine.klingVideo.methods?.credentialTest ?? {};
	const credential = { id: '1', name: 'RunComfy API', type: 'runComfyApi', data };
	return await testCredential.call(context as unknown as ICredentialTestFunctions, credential);
}

describe('the test of the credential', () => {
	const good = () => ({ apiToken: world.emulator.token, baseUrl: world.emulator.url });

	it('accepts a good token and costs nothing', async () => {
		expect(await test(good())).toEqual({ status: 'OK', message: 'RunComfy accepted the token' });
		expect(world.emulator.paidPosts).toBe(0);
		expect(new Set(world.emulator.calls.map(({ endpoint }) => endpoint))).toEqual(
			new Set(['status']),
		);
	});

	it('refuses a wrong token', async () => {
		const { status, message } = await test({ ...good(), apiToken: 'my-old-token' });
		expect(status).toBe('Error');
		expect(message).toContain('RunComfy refused the API token');
		expect(message).not.toContain('my-old-token');
	});

	it('takes an error body with HTTP 200 for the error it is', async () => {
		expect((await test(good(), 'noBalance200')).message).toContain('could not be checked');
	});

	it.each<FaultName>(['html502', 'html200', 'resetBefore', 'throttled', 'redirect', 'json500'])(
		'says after %s that the token could not be checked',
		async (fault) => {
			const { status, message } = await test(good(), fault);
			expect(status).toBe('Error');
			expect(message).toContain('could not be checked');
		},
	);

	it('says that there is no server', async () => {
		const { message } = await test({ apiToken: 'x', baseUrl: 'http://127.0.0.1:9' });
		expect(message).toContain('could not be checked');
		expect(message).toContain('ECONNREFUSED');
	});

	it.each([
		['', 'https://model-api.runcomfy.net', 'The API token is empty'],
		['a b', 'https://model-api.runcomfy.net', 'holds a space'],
		['x', 'http://model-api.runcomfy.net', 'must start with https://'],
		['x', 'http://127.0.0.1.evil.test', 'must start with https://'],
		['x', 'ftp://model-api.runcomfy.net', 'must start with https://'],
		['x', 'https://user:pw@model-api.runcomfy.net', 'and nothing else'],
		['x', 'not a url', 'is not a URL'],
		['x', '', 'is not a URL'],
	])('names the fault of token %j and base URL %j', async (apiToken, baseUrl, fault) => {
		const { status, message } = await test({ apiToken, baseUrl });
		expect(status).toBe('Error');
		expect(message).toContain(fault);
	});
});
