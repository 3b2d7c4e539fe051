import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { readBody, send } from '../../emulator/http';
import type { Platform } from './Platform';
import type { Platforms } from './platforms';

/**
 * The platforms, on this machine: web hosts under their real names behind a proxy that leads each of them to its
 * stand-in, and no other anywhere. Who uses {@link env} trusts its certificate.
 */
export class Internet {
	/** What tells n8n to use it. */
	readonly env: Record<string, string>;
	/** Hosts that were asked for and that it does not have. */
	readonly unknownHosts = new Set<string>();

	private constructor(
		private readonly proxy: Server,
		private readonly folder: string,
		private readonly sftp: Platforms['sftp'],
	) {
		this.env = {
			HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
			NODE_EXTRA_CA_CERTS: join(folder, 'certificate.pem'),
		};
	}

	static async start({ sftp, ...web }: Platforms): Promise<Internet> {
		const platforms: Platform[] = Object.values(web);
		await sftp.listen();
		const hosts = [...new Set(platforms.flatMap((platform) => platform.hosts))];
		const { private: key, cert } = await generate([{ name: 'commonName', value: 'Platforms' }], {
			keySize: 2048,
			extensions: [
				{ name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) },
			],
		});
		const folder = mkdtempSync(join(tmpdir(), 'platforms-'));
		writeFileSync(join(folder, 'certificate.pem'), cert);

		const server = createHttpsServer({ key, cert }, (request, response) => {
			const url = new URL(request.url ?? '/', `https://${request.headers.host}`);
			const platform = platforms.find((candidate) => candidate.owns(url));
			const answer = async () => {
				const body = await readBody(request);
				const { method = '', headers } = request;
				if (!platform) throw new Error(`Nobody answers ${method} ${url.href}`);
				send(response, await platform.answer({ method, url, headers, body }));
			};
			answer().catch((error: unknown) => {
				console.error(error);
				response.destroy();
			});
		});
		const proxy = createHttpServer((_, response) => response.writeHead(501).end());
		const internet = await new Promise<Internet>((resolve) =>
			proxy.listen(0, '127.0.0.1', () => resolve(new Internet(proxy, folder, sftp))),
		);
		proxy.on('connect', ({ url = '' }, socket: Socket) => {
			socket.on('error', () => socket.destroy());
			const { hostname, port } = new URL(`https://${url}`);
			const known = platforms.some(({ hosts }) =>
				hosts.some((host) => host === hostname || host === hostname.replace(/^[^.]+/, '*')),
			);
			if (!known || port !== '') {
				internet.unknownHosts.add(url);
				socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
				return;
			}
			socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			server.emit('connection', socket);
		});
		return internet;
	}

	async stop(): Promise<void> {
		this.proxy.closeAllConnections();
		this.proxy.close();
		await once(this.proxy, 'close');
		await this.sftp.stop();
		rmSync(this.folder, { recursive: true });
	}
}
