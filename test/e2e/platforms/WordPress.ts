import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { Platform, type Call } from './Platform';

interface Post {
	title?: string;
	content?: string;
	status?: string;
}

/**
 * WordPress's REST API: https://developer.wordpress.org/rest-api/reference/media/
 *
 * A file counts as uploaded once a post shows it.
 */
export class WordPress extends Platform {
	readonly hosts = ['blog.example.com'];
	readonly user = { username: 'editor', password: 'abcd EFGH 1234' };
	private readonly library = new Map<string, { name: string; type: string; bytes: Uint8Array }>();

	protected async respond(call: Call): Promise<Answer> {
		const { username, password } = this.user;
		this.demandToken(call, 'Basic', Buffer.from(`${username}:${password}`).toString('base64'));
		const { method, url } = call;
		this.demand(method === 'POST', 'rest_no_route', 404);
		if (url.pathname === '/wp-json/wp/v2/posts') return this.post(this.jsonOf<Post>(call));
		this.demand(url.pathname === '/wp-json/wp/v2/media', 'rest_no_route', 404);
		const { name, type, ...file } = await this.part(call);
		this.demand(name.endsWith('.mp4') && type === 'video/mp4', 'rest_upload_unknown_error', 500);
		const source = `https://blog.example.com/wp-content/uploads/${this.library.size}.mp4`;
		this.library.set(source, { name, type, ...file });
		return json(201, { id: this.library.size, source_url: source, media_type: 'file' });
	}

	private async part(call: Call) {
		const file = this.fileIn(await this.formOf(call), 'file');
		return { name: file.name, type: file.type, bytes: await file.bytes() };
	}

	private post({ title, content = '', status = 'draft' }: Post): Answer {
		this.demand(
			['publish', 'future', 'draft', 'pending', 'private'].includes(status),
			'rest_invalid_param',
		);
		const file = this.library.get(/<video[^>]* src="([^"]+)"/.exec(content)?.[1] ?? '');
		this.demand(title && file, 'empty_content');
		const { bytes, ...about } = file;
		this.keep(bytes, { ...about, title });
		return json(201, { id: this.uploads.length, title, content, status });
	}

	protected override refusal(status: number, code: string): Answer {
		return json(status, { code, message: code, data: { status } });
	}
}
