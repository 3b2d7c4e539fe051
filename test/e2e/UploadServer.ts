import type { IncomingMessage, ServerResponse } from 'node:http';
import { LocalServer } from '../emulator/LocalServer';
import { json, readBody, send } from '../emulator/http';

/** One file that was uploaded, with the whole body that it came in. */
export interface Upload {
	path: string;
	body: Buffer;
}

/** Takes uploads as a service does, Telegram's Bot API among them, and keeps what it got. */
export class UploadServer extends LocalServer {
	readonly uploads: Upload[] = [];

	static async start(): Promise<UploadServer> {
		return await new UploadServer().listen();
	}

	protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		this.uploads.push({ path: request.url ?? '', body: await readBody(request) });
		send(response, json(200, { ok: true, result: { message_id: 1 } }));
	}
}
