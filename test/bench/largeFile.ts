import type { IncomingMessage, ServerResponse } from 'node:http';
import { LocalServer } from '../emulator/LocalServer';
import { json, send } from '../emulator/http';

/** The API of a finished request, and its file: an mp4 of any size, made while it is sent. */
export class LargeFileServer extends LocalServer {
	private constructor(private readonly bytes: number) {
		super();
	}

	static async start(bytes: number): Promise<LargeFileServer> {
		return await new LargeFileServer(bytes).listen();
	}

	protected async answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
		if (!url.startsWith('/file')) {
			const output = { video: `${this.url}/file.mp4` };
			return send(response, json(200, { request_id: 'large', status: 'completed', output }));
		}
		const { bytes } = this;
		const head = Buffer.alloc(48);
		head.writeUInt32BE(16, 0);
		head.write('ftypisom', 4);
		head.writeUInt32BE(16, 16);
		head.write('moov', 20);
		head.writeUInt32BE(1, 32);
		head.write('mdat', 36);
		head.writeBigUInt64BE(BigInt(bytes - 32), 40);
		const block = Buffer.alloc(1 << 20, 7);
		response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': bytes });
		response.write(head);
		let left = bytes - head.length;
		const sendMore = () => {
			while (left > 0) {
				const chunk = left >= block.length ? block : block.subarray(0, left);
				left -= chunk.length;
				if (!response.write(chunk) && left > 0) return void response.once('drain', sendMore);
			}
			response.end();
		};
		sendMore();
	}
}
