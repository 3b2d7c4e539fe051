import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { Platform, type Call, type Upload } from './Platform';
import { ResumableUpload } from './ResumableUpload';

interface DriveFile {
	name: string;
	mimeType?: string;
	parents?: string[];
}

/** Google Drive's API v3: https://developers.google.com/workspace/drive/api/reference/rest/v3/files */
export class GoogleDrive extends Platform {
	readonly hosts = ['www.googleapis.com'];
	readonly token = 'ya29.drive';
	private readonly sessions = new Map<string, ResumableUpload<DriveFile>>();
	private readonly files = new Map<string, Upload>();

	override owns(url: URL): boolean {
		return super.owns(url) && /^(\/upload)?\/drive\/v3\//.test(url.pathname);
	}

	protected respond(call: Call): Answer {
		const { method, url } = call;
		if (url.pathname === '/upload/drive/v3/files') {
			return method === 'PUT' ? this.chunk(call) : this.begin(call);
		}
		const [, id] = /^\/drive\/v3\/files\/([\w-]+)$/.exec(url.pathname) ?? [];
		this.demand(id && method === 'PATCH', `No such method: ${method} ${url.pathname}`, 404);
		return this.update(call, id);
	}

	private begin(call: Call): Answer {
		this.demandToken(call, 'Bearer', this.token);
		const { url, headers } = call;
		this.demand(url.searchParams.get('uploadType') === 'resumable', 'uploadType must be resumable');
		const { name, parents } = this.jsonOf<DriveFile>(call);
		this.demand(typeof name === 'string' && name, 'The file has no name');
		const mimeType = headers['x-upload-content-type'] as string;
		this.demand(/^\w+\/[\w.+-]+$/.test(mimeType), `X-Upload-Content-Type ${mimeType}`);
		const id = `upload-${this.sessions.size}`;
		this.sessions.set(id, new ResumableUpload({ name, parents, mimeType }));
		const location = `${url.origin}${url.pathname}?uploadType=resumable&upload_id=${id}`;
		return { status: 200, headers: { location }, body: '' };
	}

	private chunk({ url, headers, body }: Call): Answer {
		const session = this.sessions.get(url.searchParams.get('upload_id') ?? '');
		this.demand(session, 'No such upload', 404);
		const taken = session.put(headers['content-range'], headers['content-length'], body);
		if ('taken' in taken) {
			return { status: 308, headers: { range: `bytes=0-${taken.taken - 1}` }, body: '' };
		}
		this.demand('whole' in taken, 'fault' in taken ? taken.fault : '');
		const id = `file-${this.files.size}`;
		const { name, mimeType } = session.about;
		this.files.set(id, this.keep(taken.whole, { name, type: mimeType }));
		return json(200, { kind: 'drive#file', id, name, mimeType });
	}

	private update(call: Call, id: string): Answer {
		this.demandToken(call, 'Bearer', this.token);
		const file = this.files.get(id);
		this.demand(file, `File not found: ${id}.`, 404);
		const { name = file.name, mimeType = file.type } = this.jsonOf<Partial<DriveFile>>(call);
		Object.assign(file, { name, type: mimeType });
		return json(200, { kind: 'drive#file', id, name, mimeType });
	}
}
