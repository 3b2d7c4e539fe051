import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { GooglePlatform } from './GooglePlatform';
import type { Call } from './Platform';

interface Video {
	snippet?: { title?: string; description?: string; categoryId?: string; tags?: string[] };
	status?: { privacyStatus?: string; selfDeclaredMadeForKids?: boolean };
	type: string;
}

/** YouTube's Data API v3: https://developers.google.com/youtube/v3/docs/videos/insert */
export class YouTube extends GooglePlatform<Video> {
	readonly token = 'ya29.youtube';
	/** What was published besides file and title. */
	readonly videos: Video[] = [];

	override owns(url: URL): boolean {
		return super.owns(url) && /^(\/upload)?\/youtube\/v3\//.test(url.pathname);
	}

	protected respond(call: Call): Answer {
		const { method, url } = call;
		if (url.pathname === '/youtube/v3/videoCategories') return this.categories(call);
		this.demand(
			url.pathname === '/upload/youtube/v3/videos',
			`No such method: ${url.pathname}`,
			404,
		);
		this.demand(url.searchParams.get('uploadType') === 'resumable', 'uploadType must be resumable');
		return method === 'PUT' ? this.chunk(call) : this.begin(call);
	}

	private categories(call: Call): Answer {
		this.demandToken(call, 'Bearer', this.token);
		this.demand(call.url.searchParams.get('part') === 'snippet', 'missingRequiredParameter: part');
		const items = [{ id: '22', snippet: { title: 'People & Blogs', assignable: true } }];
		return json(200, { kind: 'youtube#videoCategoryListResponse', items });
	}

	private begin(call: Call): Answer {
		this.demandToken(call, 'Bearer', this.token);
		const { method, url, headers } = call;
		this.demand(method === 'POST', `${method} is not allowed`, 405);
		const parts = url.searchParams.get('part')?.split(',') ?? [];
		const { snippet, status, ...rest } = this.jsonOf<Omit<Video, 'type'>>(call);
		for (const part of Object.keys({ snippet, status, ...rest })) {
			this.demand(parts.includes(part), `unexpectedPart: ${part}`);
		}
		const { title = '', description = '', categoryId = '' } = snippet ?? {};
		this.demand(title.trim() && title.length <= 100 && !/[<>]/.test(title), 'invalidTitle');
		this.demand(
			Buffer.byteLength(description) <= 5_000 && !/[<>]/.test(description),
			'invalidDescription',
		);
		this.demand(/^\d+$/.test(categoryId), 'invalidCategoryId');
		const privacy = status?.privacyStatus ?? 'public';
		this.demand(['public', 'private', 'unlisted'].includes(privacy), 'invalidVideoMetadata');
		const type = headers['x-upload-content-type'] as string;
		this.demand(/^video\/|^application\/octet-stream$/.test(type), `X-Upload-Content-Type ${type}`);
		const length = headers['x-upload-content-length'] as string;
		this.demand(/^[1-9]\d*$/.test(length), `X-Upload-Content-Length ${length}`);
		return this.open(call, { snippet, status, type }, Number(length));
	}

	protected finish(file: Buffer, about: Video): Answer {
		this.keep(file, { type: about.type, title: about.snippet?.title ?? '' });
		this.videos.push(about);
		return json(200, { kind: 'youtube#video', id: `video${this.videos.length}`, ...about });
	}
}
