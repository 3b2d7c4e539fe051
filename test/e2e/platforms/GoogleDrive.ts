import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { GooglePlatform } from './GooglePlatform';
import type { Call, Upload } from './Platform';

interface DriveFile {
	name: string;
	mimeType?: string;
	parents?: string[];
}

/** Google Drive's API v3: https://developers.google.com/workspace/drive/api/reference/rest/v3/files */
export class GoogleDrive extends GooglePlatform<DriveFile> {
	readonly token = 'ya29.drive';
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
		return this.open(call, { name, parents, mimeType });
	}

	protected finish(file: Buffer, { name, mimeType }: DriveFile): Answer {
		const id = `file-${this.files.size}`;
		this.files.set(id, this.keep(file, { name, type: mimeType }));
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
