import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import type { Clock } from '../api/http';
import { networkCode } from '../api/network';
import { linkedAbort } from '../connection/linkedAbort';
import { safeFileName } from './fileName';
import { mediaTypeOf, type MediaType } from './mediaType';
import type { Media } from './media';
import { createMp4Length } from './mp4Length';
import { openMedia, type OpenMedia } from './openMedia';
import { watchForStall, watchReading } from './watchStream';

const TRIES = 4;
const FIRST_BACKOFF_MS = 1_000;

export interface DownloadOptions {
	/** What to call the file; the request id when empty. */
	fileName: string;
	/** Hosts allowed besides RunComfy's and the credential's. */
	allowedHosts: string[];
	maximumBytes: number;
}

export interface DownloadParts {
	helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'prepareBinaryData'>;
	clock: Clock;
	/** Ends every download. */
	signal: AbortSignal;
	/** Host of the credential, which files may come from too. */
	apiHost: string;
}

/**
 * Streams a finished file into n8n's binary store, without the token, and checks what arrives: the
 * host of every hop, the size, and the bytes against Content-Length. A passing fault is tried again.
 *
 * Rejects with `downloadRefused`, `downloadTooLarge` or `downloadFailed`, each with the URL, or with
 * `stopped`.
 */
export type Download = (
	media: Media,
	requestId: string,
	options: DownloadOptions,
) => Promise<IBinaryData>;

export function createDownload(parts: DownloadParts): Download {
	return async (media, requestId, options) => {
		for (let tries = 1; ; tries++) {
			const outcome = await downloadOnce(parts, media, requestId, options).then(
				(binary) => ({ binary }),
				(error: unknown) => asDownloadError(error, media.url),
			);
			if ('binary' in outcome) return outcome.binary;
			if (tries === TRIES || !isPassing(outcome)) throw outcome;
			await parts.clock.sleep(FIRST_BACKOFF_MS * 2 ** (tries - 1), parts.signal);
		}
	};
}

async function downloadOnce(
	{ helpers, clock, signal, apiHost }: DownloadParts,
	media: Media,
	requestId: string,
	{ fileName, allowedHosts, maximumBytes }: DownloadOptions,
): Promise<IBinaryData> {
	signal.throwIfAborted();
	const call = linkedAbort(signal);
	const stallWatch = new AbortController();
	let received = 0;
	void watchForStall(clock, () => received, stallWatch.signal).then((stood) => {
		if (stood)
			call.abort(new RunComfyError('downloadFailed', { detail: 'the download stood still' }));
	});
	try {
		const file = await openMedia(helpers, media.url, {
			apiHost,
			allowedHosts,
			signal: call.signal,
		});
		const endBody = () => file.body.destroy(call.signal.reason as Error);
		call.signal.addEventListener('abort', endBody, { once: true });
		try {
			const type = typeOf(file, media);
			const name = safeFileName(
				fileName,
				requestId,
				type.ending,
				media.count > 1 ? media.index : undefined,
			);
			if ((file.announcedBytes ?? 0) > maximumBytes) throw tooLarge(maximumBytes);
			const mp4 = createMp4Length();
			watchReading(file.body, (chunk) => {
				received += chunk.length;
				mp4.feed(chunk);
				if (received > maximumBytes) call.abort(tooLarge(maximumBytes));
			});
			const binary = await helpers.prepareBinaryData(file.body, name, type.mimeType);
			verify(received, file.announcedBytes, mp4.missingBytes());
			return binary;
		} finally {
			file.body.destroy();
		}
	} catch (error) {
		throw call.signal.aborted ? call.signal.reason : error;
	} finally {
		stallWatch.abort();
		call.release();
	}
}

function typeOf({ contentType, url }: OpenMedia, { kind }: Media): MediaType {
	const type = mediaTypeOf(contentType, url, kind);
	if (type) return type;
	throw new RunComfyError('downloadFailed', { detail: 'a web page or text, not media' });
}

/** @throws RunComfyError `downloadFailed` when the bytes that arrived are not the whole file */
function verify(received: number, announced: number | undefined, missing: number): void {
	if (announced !== undefined && received !== announced) {
		throw new RunComfyError('downloadFailed', {
			detail: `${received} of ${announced} bytes arrived`,
		});
	}
	if (missing > 0) {
		throw new RunComfyError('downloadFailed', {
			detail: `the video is cut short: ${missing} bytes are missing`,
		});
	}
}

function tooLarge(maximumBytes: number): RunComfyError {
	const detail = `larger than ${Math.floor(maximumBytes / 1_000_000)} MB`;
	return new RunComfyError('downloadTooLarge', { detail });
}

function asDownloadError(error: unknown, url: string): RunComfyError {
	if (!(error instanceof RunComfyError)) {
		const code = networkCode(error);
		const detail = code === 'network error' && error instanceof Error ? error.message : code;
		return new RunComfyError('downloadFailed', { url, detail });
	}
	return error.kind === 'stopped' ? error : error.with({ url });
}

/** Worth another try: the network's faults and the server's, but no answer that will stay the same. */
function isPassing({ kind, facts: { httpStatus } }: RunComfyError): boolean {
	if (kind !== 'downloadFailed') return false;
	return httpStatus === undefined || httpStatus >= 500 || httpStatus === 408 || httpStatus === 429;
}
