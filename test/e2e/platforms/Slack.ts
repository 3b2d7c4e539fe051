import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { Platform, type Call } from './Platform';

interface SlackFile {
	name: string;
	length: number;
	bytes?: Uint8Array;
	type?: string;
}

/** Slack's uploads: https://docs.slack.dev/reference/methods/files.getUploadURLExternal */
export class Slack extends Platform {
	readonly hosts = ['slack.com', 'files.slack.com'];
	readonly token = 'xoxb-not-a-real-token';
	private readonly files = new Map<string, SlackFile>();

	protected async respond(call: Call): Promise<Answer> {
		const { method, url } = call;
		if (url.hostname === 'files.slack.com') return await this.take(call);
		this.demandToken(call, 'Bearer', this.token);
		if (url.pathname === '/api/files.getUploadURLExternal') return this.begin(url);
		this.demand(url.pathname === '/api/files.completeUploadExternal', 'unknown_method');
		this.demand(method === 'POST', 'invalid_post_type');
		return this.complete(call);
	}

	private begin({ searchParams }: URL): Answer {
		const name = searchParams.get('filename');
		const length = Number(searchParams.get('length'));
		this.demand(name && Number.isInteger(length) && length > 0, 'invalid_arguments');
		const id = `F${this.files.size}`;
		this.files.set(id, { name, length });
		return json(200, {
			ok: true,
			file_id: id,
			upload_url: `https://files.slack.com/upload/v1/${id}`,
		});
	}

	private async take(call: Call): Promise<Answer> {
		const file = this.files.get(call.url.pathname.replace('/upload/v1/', ''));
		this.demand(call.method === 'POST' && file, 'No such upload', 404);
		const form = await this.formOf(call);
		const [part] = [...form.keys()];
		const sent = this.fileIn(form, part ?? 'file');
		this.demand(sent.size === file.length, `${sent.size} bytes, but ${file.length} were announced`);
		Object.assign(file, { bytes: await sent.bytes(), type: sent.type });
		return { status: 200, headers: { 'content-type': 'text/plain' }, body: `OK - ${sent.size}` };
	}

	private complete(call: Call): Answer {
		const { files = [], channel_id: channel } = this.jsonOf<{
			files?: Array<{ id: string; title?: string }>;
			channel_id?: string;
		}>(call);
		this.demand(files.length > 0, 'invalid_arguments');
		this.demand(channel === undefined || /^[CGD][A-Z0-9]+$/.test(channel), 'channel_not_found');
		for (const { id, title } of files) {
			const file = this.files.get(id);
			this.demand(file?.bytes, 'file_not_found');
			this.keep(file.bytes, { name: file.name, type: file.type, title: title ?? file.name });
		}
		return json(200, { ok: true, files: files.map(({ id, title }) => ({ id, title })) });
	}

	protected override refusal(status: number, error: string): Answer {
		return json(status === 400 ? 200 : status, { ok: false, error });
	}
}
