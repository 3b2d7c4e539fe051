import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The API of a finished request, and its file: an mp4 of any size, made while it is sent. */
export class LargeFileServer {
	private readonly server: Server;

	private constructor(bytes: number) {
		const head = Buffer.alloc(32);
		head.writeUInt32BE(16, 0);
		head.write('ftypisom', 4);
		head.writeUInt32BE(1, 16);
		head.write('mdat', 20);
		head.writeBigUInt64BE(BigInt(bytes - 16), 24);
		const block = Buffer.alloc(1 << 20, 7);
		this.server = createServer((request, response) => {
			const path = request.url ?? '';
			if (!path.startsWith('/file')) {
				const output = { video: `${this.url}/file.mp4` };
				const body = JSON.stringify({ request_id: 'large', status: 'completed', output });
				response.writeHead(200, { 'content-type': 'application/json' }).end(body);
				return;
			}
			response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': bytes });
			response.write(head);
			let left = bytes - head.length;
			const send = () => {
				while (left > 0) {
					const chunk = left >= block.length ? block : block.subarray(0, left);
					left -= chunk.length;
					if (!response.write(chunk) && left > 0) return void response.once('drain', send);
				}
				response.end();
			};
			send();
		});
	}

	static async start(bytes: number): Promise<LargeFileServer> {
		const server = new LargeFileServer(bytes);
		await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
		return server;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}
