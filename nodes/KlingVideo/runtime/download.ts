import type { IBinaryData } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { networkCode } from '../api/network';
import { safeFileName } from './fileName';
import { mediaTypeOf } from './mediaType';
import type { Media } from './media';
import { createMp4Length } from './mp4Length';
import { openMedia } from './openMedia';
import type { Session } from './session';
import { watchForStall, watchReading, type Readable } from './watchStream';

const TRIES = 4;
const FIRST_PAUSE_MS = 1_000;

export interface DownloadOptions {
	/** What to call the file; the request id when empty. */
	fileName: string;
	/** Hosts allowed besides RunComfy's and the credential's. */
	allowedHosts: string[];
	maximumBytes: number;
}

/**
 * Streams a finished file into n8n's binary store, without the token, and checks what arrives: the
 * host of every hop, the size, and the bytes against Content-Length. A passing fault is tried again.
 *
 * @throws RunComfyError `downloadRefused`, `downloadTooLarge` or `downloadFailed`, each with the URL,
 * or `stopped`
 */
export async function download(
	session: Session,
	media: Media,
	requestId: string,
	options: DownloadOptions,
): Promise<IBinaryData> {
	const { clock, stop } = session;
	for (let tries = 1; ; tries++) {
		try {
			return await downloadOnce(session, media, requestId, options);
		} catch (error) {
			const fault = asDownloadError(error, media.url);
			if (tries === TRIES || !isPassing(fault)) return await Promise.reject(fault);
			await clock.sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), stop.signal);
		}
	}
}

async function downloadOnce(
	session: Session,
	media: Media,
	requestId: string,
	{ fileName, allowedHosts, maximumBytes }: DownloadOptions,
): Promise<IBinaryData> {
	const { context, clock, stop, access } = session;
	const ended = new AbortController();
	const onStop = () => ended.abort(stop.signal.reason);
	stop.signal.throwIfAborted();
	stop.signal.addEventListener('abort', onStop, { once: true });

	let body: Readable | undefined;
	let received = 0;
	let fault: unknown;
	const end = (reason: unknown) => {
		fault ??= reason;
		ended.abort(reason);
		body?.destroy(reason as Error);
	};
	const done = new AbortController();
	void watchForStall(clock, () => received, done.signal).then((stood) => {
		if (stood) end(new RunComfyError('downloadFailed', { detail: 'the download stood still' }));
	});

	try {
		const file = await openMedia(context, media.url, {
			apiHost: access.host,
			allowedHosts,
			signal: ended.signal,
		});
		const { announcedBytes } = file;
		body = file.body;
		const type = mediaTypeOf(file.contentType, file.url, media.kind);
		if (!type)
			throw new RunComfyError('downloadFailed', { detail: 'a web page or text, not media' });
		if ((announcedBytes ?? 0) > maximumBytes) throw tooLarge(maximumBytes);

		const mp4 = createMp4Length();
		watchReading(body, (chunk) => {
			received += chunk.length;
			mp4.feed(chunk);
			if (received > maximumBytes) end(tooLarge(maximumBytes));
		});
		const name = safeFileName(
			fileName,
			requestId,
			type.ending,
			media.count > 1 ? media.index : undefined,
		);
		const binary = await context.helpers.prepareBinaryData(body, name, type.mimeType);
		if (announcedBytes !== undefined && received !== announcedBytes) {
			throw new RunComfyError('downloadFailed', {
				detail: `${received} of ${announcedBytes} bytes arrived`,
			});
		}
		if (mp4.missingBytes() > 0) {
			throw new RunComfyError('downloadFailed', {
				detail: `the video is cut short: ${mp4.missingBytes()} bytes are missing`,
			});
		}
		return binary;
	} catch (error) {
		body?.destroy();
		return await Promise.reject(fault ?? (ended.signal.aborted ? ended.signal.reason : error));
	} finally {
		done.abort();
		stop.signal.removeEventListener('abort', onStop);
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
