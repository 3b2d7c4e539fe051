import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { Platform, type Call } from './Platform';

interface Post {
	author?: string;
	commentary?: string;
	visibility?: string;
	lifecycleState?: string;
	distribution?: object;
	content?: { media?: { id?: string; title?: string } };
}

/**
 * LinkedIn's Images and Posts APIs.
 *
 * https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api,
 * https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
 */
export class LinkedIn extends Platform {
	readonly hosts = ['api.linkedin.com', 'www.linkedin.com'];
	readonly token = 'AQX-linkedin';
	readonly person = 'urn:li:person:8675309';
	private readonly images = new Map<string, { bytes?: Buffer; type?: string }>();

	protected respond(call: Call): Answer {
		this.demandToken(call, 'Bearer', this.token);
		const { method, url, headers, body } = call;
		if (url.hostname === 'www.linkedin.com') {
			const image = this.images.get(`urn:li:image:${url.pathname.split('/').at(-1)}`);
			this.demand(image && body.length > 0, 'No such upload', 404);
			const type = headers['content-type'] ?? '';
			this.demand(/^image\/(png|jpeg|gif)$/.test(type), `Content-Type ${type}`);
			Object.assign(image, { bytes: body, type });
			return { status: 201, body: '' };
		}
		this.demand(
			/^20\d{4}$/.test(String(headers['linkedin-version'])),
			'A version must be present',
			426,
		);
		this.demand(headers['x-restli-protocol-version'] === '2.0.0', 'X-Restli-Protocol-Version');
		this.demand(method === 'POST', 'RESOURCE_NOT_FOUND', 404);
		if (url.pathname === '/rest/images' && url.searchParams.get('action') === 'initializeUpload') {
			const { initializeUploadRequest: request } = this.jsonOf<{
				initializeUploadRequest?: { owner?: string };
			}>(call);
			this.demand(request?.owner === this.person, 'owner is not the member');
			const id = `C4E10AQ${this.images.size}`;
			this.images.set(`urn:li:image:${id}`, {});
			const uploadUrl = `https://www.linkedin.com/dms-uploads/${id}`;
			return json(200, { value: { uploadUrl, image: `urn:li:image:${id}` } });
		}
		this.demand(url.pathname === '/rest/posts', 'RESOURCE_NOT_FOUND', 404);
		return this.post(this.jsonOf<Post>(call));
	}

	private post({
		author,
		commentary,
		visibility,
		lifecycleState,
		distribution,
		content,
	}: Post): Answer {
		this.demand(author === this.person, 'author is not the member', 403);
		this.demand(
			visibility && distribution && lifecycleState === 'PUBLISHED',
			'A field is missing',
			422,
		);
		this.demand(commentary && commentary.length <= 3_000, 'commentary', 422);
		const image = this.images.get(content?.media?.id ?? '');
		this.demand(image?.bytes, 'The image is not there', 422);
		this.keep(image.bytes, { type: image.type, title: commentary });
		return {
			status: 201,
			headers: { 'x-restli-id': `urn:li:share:${this.uploads.length}` },
			body: '',
		};
	}
}
