import type { IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { checkMediaUrl } from './mediaUrl';
import type { Readable } from './watchStream';

const MOST_REDIRECTS = 5;

/** A file that a server has begun to send. */
export interface OpenMedia {
	/** Where it came from in the end. */
	url: URL;
	contentType: string | undefined;
	/** The length of the body as it will arrive, if the server told it. */
	announcedBytes: number | undefined;
	body: Readable;
}

interface Response {
	statusCode: number;
	headers: Record<string, string | undefined>;
	body: Readable;
}

/**
 * Asks for a file, without the token. Every hop of a redirect is checked before it is followed.
 *
 * @param signal ends the call and the body
 * @throws RunComfyError `downloadRefused`; `downloadFailed` for any answer but a file
 */
export async function openMedia(
	helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'>,
	address: string,
	{ signal, ...rules }: { apiHost: string; allowedHosts: string[]; signal: AbortSignal },
): Promise<OpenMedia> {
	let url = checkMediaUrl(address, rules);
	for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
		const { statusCode, headers, body } = (await helpers.httpRequest({
			method: 'GET',
			url: url.href,
			headers: { 'Accept-Encoding': 'identity' },
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			abortSignal: signal,
		})) as Response;
		if (statusCode === 200) {
			const contentType = headers['content-type'];
			return { url, contentType, announcedBytes: announcedBytes(headers), body };
		}
		body.destroy();
		const next = statusCode >= 300 && statusCode < 400 ? headers.location : undefined;
		if (next === undefined) throw new RunComfyError('downloadFailed', { httpStatus: statusCode });
		url = checkMediaUrl(next, { base: url, ...rules });
	}
	throw new RunComfyError('downloadFailed', { detail: 'too many redirects' });
}

function announcedBytes(headers: Response['headers']): number | undefined {
	const length = headers['content-length'];
	const encoding = headers['content-encoding'];
	if (length === undefined || (encoding !== undefined && encoding !== 'identity')) return undefined;
	return Number(length);
}
