import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on 127.0.0.1. */
export abstract class LocalServer {
	private readonly server = createServer((request, response) => {
		this.answer(request, response).catch((error: unknown) => {
			console.error(`${this.constructor.name}:`, error);
			response.destroy();
		});
	});

	/** Answers one call; the connection is dropped when it rejects. */
	protected abstract answer(request: IncomingMessage, response: ServerResponse): Promise<void>;

	/** @param port 0 for any free one */
	protected async listen(port = 0): Promise<this> {
		await new Promise<void>((resolve, reject) => {
			this.server.once('error', reject);
			this.server.listen(port, '127.0.0.1', resolve);
		});
		return this;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}
