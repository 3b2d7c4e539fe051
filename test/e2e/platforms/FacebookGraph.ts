import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { Platform, type Call } from './Platform';

/** How often a container is asked for before the video is processed. */
const ASKED = 2;
/** Seconds of a Reel: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media */
const LARGEST_REEL = 300 * 1024 * 1024;

interface Container {
	video: Buffer;
	type: string;
	caption: string;
	asked: number;
}

/**
 * Meta's Graph API: Instagram Reels from a URL, and videos of a Facebook Page.
 *
 * https://developers.facebook.com/docs/instagram-platform/content-publishing,
 * https://developers.facebook.com/docs/graph-api/reference/page/videos/
 */
export class FacebookGraph extends Platform {
	readonly hosts = ['graph.facebook.com', 'graph-video.facebook.com'];
	readonly token = 'EAAB-test';
	readonly instagramUser = '17841400008460056';
	readonly page = '104536229052845';
	private readonly containers = new Map<string, Container>();

	/** @param download what Instagram does with the address of a video */
	constructor(private readonly download: (url: string) => Promise<Response>) {
		super();
	}

	protected async respond(call: Call): Promise<Answer> {
		const { method, url } = call;
		const [, node, edge] = /^\/v\d+\.0\/(\d+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
		this.demand(node, `Unknown path components: ${url.pathname}`);
		const given = url.searchParams;
		this.demand(given.get('access_token') === this.token, 'Invalid OAuth access token', 401);
		if (method === 'POST' && edge === 'media') return await this.create(node, given);
		if (method === 'POST' && edge === 'media_publish') return this.publish(node, given);
		if (method === 'POST' && edge === 'videos') return await this.pageVideo(call, node);
		this.demand(method === 'GET' && edge === undefined, 'Unsupported request');
		const container = this.containers.get(node);
		this.demand(container, `Object with ID '${node}' does not exist`);
		this.demand(given.get('fields')?.includes('status_code'), 'No fields were asked for');
		const status = container.asked++ < ASKED ? 'IN_PROGRESS' : 'FINISHED';
		return json(200, { id: node, status_code: status });
	}

	private async create(user: string, given: URLSearchParams): Promise<Answer> {
		this.demand(user === this.instagramUser, `Object with ID '${user}' does not exist`);
		this.demand(given.get('media_type') === 'REELS', 'media_type must be REELS');
		const address = given.get('video_url') ?? '';
		this.demand(/^https:\/\//.test(address), 'The video_url is not a public URL');
		const caption = given.get('caption') ?? '';
		this.demand([...caption].length <= 2_200, 'The caption is too long');
		const response = await this.download(address);
		const type = response.headers.get('content-type') ?? '';
		const video = Buffer.from(await response.arrayBuffer());
		this.demand(
			response.ok && /^video\/(mp4|quicktime)$/.test(type),
			'The video cannot be fetched',
		);
		this.demand(video.length <= LARGEST_REEL, 'The video is too large');
		const id = `1788999${this.containers.size}`;
		this.containers.set(id, { video, type, caption, asked: 0 });
		return json(200, { id });
	}

	private publish(user: string, given: URLSearchParams): Answer {
		this.demand(user === this.instagramUser, `Object with ID '${user}' does not exist`);
		const container = this.containers.get(given.get('creation_id') ?? '');
		this.demand(container, 'No such container');
		this.demand(container.asked > ASKED, 'Media ID is not available');
		this.keep(container.video, { type: container.type, title: container.caption });
		return json(200, { id: `1790${this.uploads.length}` });
	}

	private async pageVideo(call: Call, page: string): Promise<Answer> {
		this.demand(page === this.page, `Object with ID '${page}' does not exist`);
		const form = await this.formOf(call);
		const file = this.fileIn(form, 'source');
		const title = call.url.searchParams.get('title') ?? '';
		this.demand([...title].length <= 255, 'The title is too long');
		this.keep(await file.bytes(), { name: file.name, type: file.type, title });
		return json(200, { id: `9${this.uploads.length}` });
	}
}
