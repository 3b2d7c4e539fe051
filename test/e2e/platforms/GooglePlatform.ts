import type { Answer } from '../../emulator/faults';
import { Platform, type Call } from './Platform';
import { ResumableUpload } from './ResumableUpload';

/** A platform of Google's, which takes a file in an upload that can be resumed: first what it is, then its chunks. */
export abstract class GooglePlatform<About> extends Platform {
	readonly hosts = ['www.googleapis.com'];
	private readonly sessions = new Map<string, ResumableUpload<About>>();

	/** Answers the last chunk. */
	protected abstract finish(file: Buffer, about: About): Answer;

	/** @param total the size that was announced, if it was, in bytes */
	protected open({ url }: Call, about: About, total?: number): Answer {
		const id = `upload-${this.sessions.size}`;
		this.sessions.set(id, new ResumableUpload(about, total));
		const location = `${url.origin}${url.pathname}?uploadType=resumable&upload_id=${id}`;
		return { status: 200, headers: { location }, body: '' };
	}

	protected chunk({ url, headers, body }: Call): Answer {
		const session = this.sessions.get(url.searchParams.get('upload_id') ?? '');
		this.demand(session, 'No such upload', 404);
		const taken = session.put(headers['content-range'], headers['content-length'], body);
		if ('taken' in taken) {
			return { status: 308, headers: { range: `bytes=0-${taken.taken - 1}` }, body: '' };
		}
		this.demand('whole' in taken, 'fault' in taken ? taken.fault : '');
		return this.finish(taken.whole, session.about);
	}
}
