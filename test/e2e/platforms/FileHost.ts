import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { Platform, type Call } from './Platform';

/** A web service of one's own that takes a form, or the file alone as a signed address of S3 does. */
export class FileHost extends Platform {
	readonly hosts = ['files.example.com'];

	protected async respond(call: Call): Promise<Answer> {
		const { method, url, headers, body } = call;
		if (url.pathname === '/form') {
			this.demand(method === 'POST', 'Method Not Allowed', 405);
			const form = await this.formOf(call);
			const file = this.fileIn(form, 'file');
			const title = String(form.get('title') ?? '');
			this.keep(await file.bytes(), { name: file.name, type: file.type, title });
		} else {
			this.demand(method === 'PUT', 'Method Not Allowed', 405);
			this.demand(headers['transfer-encoding'] === undefined, 'NotImplemented', 501);
			this.demand(Number(headers['content-length']) === body.length, 'MissingContentLength', 411);
			const name = decodeURIComponent(url.pathname.slice(1));
			this.keep(body, { name, type: headers['content-type'] ?? '' });
		}
		return json(200, { ok: true });
	}
}
