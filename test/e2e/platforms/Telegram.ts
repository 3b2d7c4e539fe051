import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { Platform, type Call } from './Platform';

/** Bots can send files of up to 50 MB. */
const LARGEST = 50 * 1024 * 1024;
/** Characters of a caption. */
const LONGEST = 1_024;

/** Telegram's Bot API: https://core.telegram.org/bots/api#sendvideo */
export class Telegram extends Platform {
	readonly hosts = ['api.telegram.org'];
	readonly token = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';

	/** Texts of messages, as they are read. */
	readonly messages: string[] = [];

	protected async respond(call: Call): Promise<Answer> {
		const { method, url, body } = call;
		const [, token, name] = /^\/bot([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
		this.demand(token === this.token, 'Unauthorized', 401);
		if (name === 'sendMessage') return this.message(call);
		const [, field] = /^send(Video|Photo|Audio|Document)$/.exec(name ?? '') ?? [];
		this.demand(method === 'POST' && field, 'Not Found', 404);
		this.demand(body.length <= LARGEST, 'Request Entity Too Large', 413);
		const form = await this.formOf(call);
		this.demand(
			/^(@\w{4,}|-?\d+)$/.test(String(form.get('chat_id'))),
			'Bad Request: chat not found',
		);
		const caption = String(form.get('caption') ?? '');
		this.demand([...caption].length <= LONGEST, 'Bad Request: message caption is too long');
		const file = this.fileIn(form, field.toLowerCase());
		this.keep(await file.bytes(), { name: file.name, type: file.type, title: caption });
		return json(200, { ok: true, result: { message_id: this.uploads.length, caption } });
	}

	private message(call: Call): Answer {
		const {
			chat_id: chat,
			text = '',
			parse_mode: mode,
		} = this.jsonOf<Record<string, string>>(call);
		this.demand(/^(@\w{4,}|-?\d+)$/.test(String(chat)), 'Bad Request: chat not found');
		this.demand(mode === undefined || mode === 'HTML', 'This stand-in reads plain text and HTML');
		const plain = mode ? text.replace(/<\/?(b|i|code)>/g, '') : text;
		this.demand(
			!mode || !/[<>]|&(?!(amp|lt|gt|quot);)/.test(plain),
			"Bad Request: can't parse entities",
		);
		this.demand(plain.trim() && [...plain].length <= 4_096, 'Bad Request: message text is empty');
		this.messages.push(plain);
		return json(200, { ok: true, result: { message_id: this.messages.length, text: plain } });
	}

	protected override refusal(status: number, description: string): Answer {
		return json(status, { ok: false, error_code: status, description });
	}
}
