import type { IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { onAbort } from '../connection/linkedAbort';
import type { Readable } from './checkedBody';
import { checkMediaUrl } from './mediaUrl';

const MOST_REDIRECTS = 5;

export interface OpenMedia {
	url: URL;
	headers: Record<string, string | undefined>;
	body: Readable;
}

/**
 * Asks for a file, without the token. Every hop of a redirect is checked before it is followed. The signal ends
 * the call and the body.
 *
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
		})) as Omit<OpenMedia, 'url'> & { statusCode: number };
		// There may be no listener when a body ends: after a Stop, or when its file is refused.
		body.on('error', () => undefined);
		// 203 is a file that a proxy has passed on (RFC 9110, 15.3.4).
		if (statusCode === 200 || statusCode === 203) {
			onAbort(signal, (reason) => body.destroy(reason as Error));
			return { url, headers, body };
		}
		body.destroy();
		const next = statusCode >= 300 && statusCode < 400 ? headers.location : undefined;
		if (next === undefined) throw new RunComfyError('downloadFailed', { httpStatus: statusCode });
		url = checkMediaUrl(next, { base: url, ...rules });
	}
	throw new RunComfyError('downloadFailed', { detail: 'too many redirects' });
}
