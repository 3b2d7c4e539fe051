import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CredentialTestContext } from 'n8n-core';
import type { ICredentialTestFunctions, IWorkflowExecuteAdditionalData } from 'n8n-workflow';
import type { FaultName } from '../emulator/faults';
import { createWorld, type World } from './world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());

async function test(data: Record<string, string>, fault?: FaultName) {
	world.emulator.chooseFault = fault && (() => fault);
	const context = new CredentialTestContext({} as IWorkflowExecuteAdditionalData);
	const { testCredential } = world.engine.klingVideo.methods?.credentialTest ?? {};
	const credential = { id: '1', name: 'RunComfy API', type: 'runComfyApi', data };
	return await testCredential.call(context as unknown as ICredentialTestFunctions, credential);
}

/** Tests a token at a server that has one answer to all calls. */
async function testAgainst(status: number, type: string, body: string, apiToken = 'x') {
	const server = createServer((_, response) => {
		response.writeHead(status, { 'content-type': type }).end(body);
	});
	await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
	const { port } = server.address() as AddressInfo;
	const verdict = await test({ apiToken, baseUrl: `http://127.0.0.1:${port}` });
	server.close();
	return verdict;
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
		expect(message).toContain('RunComfy rejected this token');
		expect(message).not.toContain('my-old-token');
	});

	it.each(['', '/', '/v1', '/v1/', '/V1', '//v1//'])(
		'understands the base URL with %j at its end',
		async (end) => {
			const baseUrl = `${world.emulator.url}${end}`;
			expect((await test({ ...good(), baseUrl })).status).toBe('OK');
			expect((await test({ apiToken: 'my-old-token', baseUrl })).status).toBe('Error');
			await world.engine.saveCredential('runcomfy', { ...good(), baseUrl });
			expect((await world.run(['a boat'])).status).toBe('success');
		},
	);

	it.each<FaultName>(['page403', 'page404', 'page407', 'redirect', 'rejected'])(
		'says after %s that the base URL does not lead to the API',
		async (fault) => {
			const { status, message } = await test(good(), fault);
			expect(status).toBe('Error');
			expect(message).toContain("The base URL does not lead to RunComfy's API (HTTP status");
			expect(message).not.toMatch(/open the/i);
		},
	);

	it.each([
		[404, 'application/json', '{"detail": "Not Found"}'],
		[404, 'application/json', '{"message": "no Route matched with those values"}'],
		[404, 'text/html', '<html>404 Not Found</html>'],
		[404, 'text/plain', ''],
		[200, 'application/json', '{"hello": "world"}'],
		[200, 'application/json', '{"status": "ok"}'],
		[200, 'text/html', '<html>Welcome to nginx!</html>'],
		[204, 'text/plain', ''],
		[404, 'application/json', '{"error_code": 404, "error_message": "no such page"}'],
		[404, 'application/json', '{"error_code": "1002"}'],
		[200, 'application/json', '{"status": "processing"}'],
		[200, 'application/json', '{"status": "completed", "request_id": "another"}'],
	])('is not green for a server that is not RunComfy’s: %i %s %s', async (status, type, body) => {
		const verdict = await testAgainst(status, type, body);
		expect(verdict.status).toBe('Error');
		expect(verdict.message).toContain('the token could not be checked');
	});

	it.each([
		[403, '{"error_code": 403001, "error_message": "PermissionDeniedError"}'],
		[200, '{"error_code": 404001, "error_message": "ResourceNotFound"}'],
		[400, '{"error_code": 400001, "error_message": "InvalidResourceIdentifier"}'],
		[400, '{"error_code": 400005, "error_message": "RequestNotFinished"}'],
	])('is green for what RunComfy says only to a token that it knows: %i %s', async (...answer) => {
		const [status, body] = answer;
		expect((await testAgainst(status, 'application/json', body)).status).toBe('OK');
	});

	it.each([401, 404, 422, 500])('shows no token that a %i quotes', async (status) => {
		const token = 'rc-1234567890';
		const body = JSON.stringify({ detail: `bad token ${token}` });
		const { message } = await testAgainst(status, 'application/json', body, token);
		expect(message).not.toContain(token);
	});

	it('takes an error body with HTTP 200 for the error it is', async () => {
		expect((await test(good(), 'noBalance200')).message).toContain('could not be checked');
	});

	it.each<FaultName>(['html502', 'html200', 'resetBefore', 'throttled', 'json500'])(
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
		['a b', 'https://model-api.runcomfy.net', 'contains a space'],
		['x', 'http://model-api.runcomfy.net', 'must start with https://'],
		['x', 'http://127.0.0.1.evil.test', 'must start with https://'],
		['x', 'ftp://model-api.runcomfy.net', 'must start with https://'],
		['x', 'https://user:pw@model-api.runcomfy.net', 'may only contain'],
		['x', 'https://model-api.runcomfy.net/v1/models/kling', 'must end before /v1, as in https://'],
		['x', 'https://model-api.runcomfy.net/v1/v1', 'must end before /v1, as in https://'],
		['x', 'not a url', 'is not a URL'],
		['x', '', 'is not a URL'],
	])('names the fault of token %j and base URL %j', async (apiToken, baseUrl, fault) => {
		const { status, message } = await test({ apiToken, baseUrl });
		expect(status).toBe('Error');
		expect(message).toContain(fault);
	});

	it.each([
		['http://api.runcomfy.net', 'The serverless base URL must start with https://'],
		['not a url', 'The serverless base URL is not a URL'],
	])('names the fault of the serverless base URL %j', async (serverlessBaseUrl, fault) => {
		const { status, message } = await test({ ...good(), serverlessBaseUrl });
		expect(status).toBe('Error');
		expect(message).toContain(fault);
	});
});
