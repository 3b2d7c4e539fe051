import type { Answer } from '../../emulator/faults';
import { json, parse } from '../../emulator/http';
import { Platform, type Call } from './Platform';

/** The largest file of one call; larger ones need an upload session. */
const LARGEST = 150 * 2 ** 20;

/** Dropbox's API v2: https://www.dropbox.com/developers/documentation/http/documentation#files-upload */
export class Dropbox extends Platform {
	readonly hosts = ['content.dropboxapi.com'];
	readonly token = 'sl.dropbox';

	protected respond(call: Call): Answer {
		this.demandToken(call, 'Bearer', this.token);
		const { method, url, headers, body } = call;
		this.demand(
			method === 'POST' && url.pathname === '/2/files/upload',
			'Unknown API function',
			404,
		);
		this.demand(headers['content-type'] === 'application/octet-stream', 'Bad Content-Type');
		this.demand(body.length <= LARGEST, 'payload_too_large', 413);
		const argument = url.searchParams.get('arg') ?? String(headers['dropbox-api-arg']);
		const { path = '' } = (parse(argument) ?? {}) as { path?: string };
		this.demand(/^\/[^/\\]+(\/[^/\\]+)*$/.test(path), 'path/malformed_path', 409);
		const name = path.split('/').at(-1) ?? '';
		this.keep(body, { name });
		return json(200, {
			id: `id:${this.uploads.length}`,
			name,
			path_display: path,
			size: body.length,
		});
	}

	protected override refusal(status: number, summary: string): Answer {
		return json(status, { error_summary: summary });
	}
}
