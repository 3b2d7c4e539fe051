import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One file that was uploaded, with the whole body that it came in. */
export interface Upload {
	path: string;
	body: Buffer;
}

/** Takes uploads as a service does, Telegram's Bot API among them, and keeps what it got. */
export class UploadServer {
	readonly uploads: Upload[] = [];
	private readonly server: Server;

	private constructor() {
		this.server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				this.uploads.push({ path: request.url ?? '', body: Buffer.concat(chunks) });
				response.writeHead(200, { 'content-type': 'application/json' });
				response.end('{"ok":true,"result":{"message_id":1}}');
			});
		});
	}

	static async start(): Promise<UploadServer> {
		const uploads = new UploadServer();
		await new Promise<void>((resolve) => uploads.server.listen(0, '127.0.0.1', resolve));
		return uploads;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}
