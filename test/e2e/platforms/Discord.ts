import type { Answer } from '../../emulator/faults';
import { json, parse } from '../../emulator/http';
import { Platform, type Call } from './Platform';

/** What a bot may upload to a server without boosts. */
const LARGEST = 10 * 1024 * 1024;

/** Discord's API v10: https://docs.discord.com/developers/reference#uploading-files */
export class Discord extends Platform {
	readonly hosts = ['discord.com'];
	readonly token = 'bot-token';

	protected async respond(call: Call): Promise<Answer> {
		this.demandToken(call, 'Bot', this.token);
		const { method, url, body } = call;
		const isMessage = /^\/api\/v10\/channels\/\d{17,20}\/messages$/.test(url.pathname);
		this.demand(method === 'POST' && isMessage, '404: Not Found', 404);
		this.demand(body.length <= LARGEST, 'Request entity too large', 413);
		const form = await this.formOf(call);
		const message = parse(String(form.get('payload_json'))) as
			| { content?: string; attachments?: Array<{ id: number; filename?: string }> }
			| undefined;
		this.demand(message, 'Invalid Form Body: payload_json');
		const { content = '', attachments = [] } = message;
		this.demand([...content].length <= 2_000, 'Invalid Form Body: content');
		const parts = [...form.keys()].filter((name) => name !== 'payload_json');
		this.demand(parts.length > 0 && parts.length <= 10, 'Cannot send an empty message');
		for (const part of parts) {
			const [, id] = /^files\[(\d)\]$/.exec(part) ?? [];
			const attachment = attachments.find((candidate) => `${candidate.id}` === id);
			this.demand(id && attachment, `Invalid Form Body: ${part} is not among attachments`);
			const file = this.fileIn(form, part);
			this.keep(await file.bytes(), {
				name: attachment.filename ?? file.name,
				type: file.type,
				title: content,
			});
		}
		return json(200, { id: '1', content, attachments });
	}

	protected override refusal(status: number, message: string): Answer {
		return json(status, { message, code: status === 413 ? 40005 : 50035 });
	}
}
