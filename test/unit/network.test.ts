import 'reflect-metadata';
import { Logger } from '@n8n/backend-common';
import { OutboundHttp } from '@n8n/backend-network';
import { Container } from '@n8n/di';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { TLSSocket } from 'node:tls';
import type { ApiRequest } from '../../nodes/shared/api/http';
import { networkCode, neverSent } from '../../nodes/shared/api/network';
import { hostClock } from '../../nodes/shared/connection/clock';
import { createSend, type HttpRequestHelper } from '../../nodes/shared/connection/send';

const pem = readFileSync(resolve(__dirname, '../fixtures/loopback.pem'), 'utf8');
const servers: Server[] = [];
let outbound: OutboundHttp;

beforeAll(() => {
	const quiet = { warn: () => undefined, debug: () => undefined, scoped: () => quiet };
	Container.set(Logger, quiet as unknown as Logger);
	outbound = Container.get(OutboundHttp);
});
afterEach(() => {
	for (const server of servers.splice(0)) server.close();
});

/** A server on 127.0.0.1 that is told of every connection. */
async function listen(onConnection: (socket: Socket) => void): Promise<number> {
	const server = createServer((socket) => {
		socket.on('error', () => undefined);
		onConnection(socket);
	});
	servers.push(server);
	await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
	return (server.address() as AddressInfo).port;
}

/** Sends a POST as the node does, with n8n's own request function, and gives what it rejects with. */
async function failureOf(
	baseUrl: string,
	{ guarded = false, trusting = false } = {},
): Promise<unknown> {
	const { request } = outbound.requests({
		useDefaultSsrfPolicy: guarded ? 'enforced' : 'unsafe',
	});
	const httpRequest: HttpRequestHelper['httpRequest'] = async (options) =>
		await request({ ...options, skipSslCertificateValidation: trusting });
	const send = createSend({ httpRequest }, { baseUrl, host: 'x', token: 't' }, hostClock);
	const call: ApiRequest = {
		method: 'POST',
		path: '/v1/models/a/b',
		body: Buffer.from('{}'),
		timeoutMs: 10_000,
	};
	return await send(call).then(
		() => {
			throw new Error('The call was answered');
		},
		(error: unknown) => error,
	);
}

/** Speaks TLS on a connection, and tells when the first byte of a request has been read. */
function secured(socket: Socket, onRequest: (secure: TLSSocket) => void): void {
	const secure = new TLSSocket(socket, { isServer: true, key: pem, cert: pem });
	secure.on('error', () => undefined);
	secure.once('data', () => onRequest(secure));
}

describe('a call that ended in the connect phase was certainly not sent', () => {
	it('when nothing listens', async () => {
		const port = await listen(() => undefined);
		servers.splice(0).forEach((server) => server.close());
		const error = await failureOf(`http://127.0.0.1:${port}`);
		expect([neverSent(error), networkCode(error)]).toEqual([true, 'ECONNREFUSED']);
	});

	it('when the name is not known', async () => {
		const error = await failureOf('https://runcomfy.invalid');
		expect([neverSent(error), networkCode(error)]).toEqual([true, 'ENOTFOUND']);
	});

	it('when the server does not speak TLS', async () => {
		const port = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
		const error = await failureOf(`https://127.0.0.1:${port}`);
		expect([neverSent(error), networkCode(error)]).toEqual([true, 'EPROTO']);
	});

	it('when the certificate is not trusted', async () => {
		let requests = 0;
		const port = await listen((socket) => secured(socket, () => requests++));
		const error = await failureOf(`https://127.0.0.1:${port}`);
		expect([neverSent(error), networkCode(error)]).toEqual([true, 'DEPTH_ZERO_SELF_SIGNED_CERT']);
		expect(requests).toBe(0);
	});

	it('when the server hangs up before TLS is agreed on', async () => {
		const port = await listen((socket) => socket.once('data', () => socket.destroy()));
		const error = await failureOf(`https://127.0.0.1:${port}`);
		expect([neverSent(error), networkCode(error)]).toEqual([true, 'ECONNRESET']);
	});

	it('when the SSRF protection of n8n refuses the address', async () => {
		let connections = 0;
		const port = await listen(() => connections++);
		const error = await failureOf(`http://127.0.0.1:${port}`, { guarded: true });
		expect(neverSent(error)).toBe(true);
		expect(networkCode(error)).toBe('blocked by the SSRF protection of n8n');
		expect(connections).toBe(0);
	});

	it.each([
		['one address after the other refused', ['connect', 'connect'], true],
		['one of them only after it was written to', ['connect', 'write'], false],
	])('%s', (_, syscalls, certain) => {
		const errors = syscalls.map((syscall) => Object.assign(new Error(), { syscall }));
		const cause = Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' });
		expect(neverSent(Object.assign(new Error(), { code: cause.code, cause }))).toBe(certain);
	});
});

describe('a call that may have been sent is never called unsent', () => {
	it('when the server hangs up after the request', async () => {
		const port = await listen((socket) => socket.once('data', () => socket.destroy()));
		expect(neverSent(await failureOf(`http://127.0.0.1:${port}`))).toBe(false);
	});

	it('when TLS breaks after the request', async () => {
		const port = await listen((socket) =>
			secured(socket, () => void socket.write('HTTP/1.1 500 no longer TLS\r\n\r\n')),
		);
		const error = await failureOf(`https://127.0.0.1:${port}`, { trusting: true });
		expect(neverSent(error)).toBe(false);
		expect(networkCode(error)).toMatch(/EPROTO|SSL/);
	});

	it('when the server hangs up on TLS after the request', async () => {
		const port = await listen((socket) => secured(socket, () => socket.destroy()));
		expect(neverSent(await failureOf(`https://127.0.0.1:${port}`, { trusting: true }))).toBe(false);
	});

	it.each([
		['EHOSTUNREACH', 'read'],
		['ENETUNREACH', 'write'],
		['EPROTO', 'write'],
		['ECONNREFUSED', undefined],
		['ETIMEDOUT', 'read'],
	])('%s with the system call %s', (code, syscall) => {
		const cause = Object.assign(new Error(code), { code, syscall });
		expect(neverSent(Object.assign(new Error(code), { code, cause }))).toBe(false);
		expect(neverSent(cause)).toBe(false);
	});

	it.each([undefined, null, 'aborted', {}, new Error('x')])(
		'something that is no error of the network: %p',
		(error) => {
			expect(neverSent(error)).toBe(false);
		},
	);
});
