import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { isDataUri, readDataUri } from '../api/dataUri';
import { RunComfyError } from '../api/errors';
import type { Clock } from '../api/http';
import { networkCode } from '../api/network';
import { startTimer } from '../connection/clock';
import { linkedAbort, onAbort } from '../connection/linkedAbort';
import { checkBody, FileCheck, tooLarge, type FileInfo } from './checkedBody';
import { safeFileName } from './fileName';
import { fileTypeOf } from './fileType';
import type { Media } from './media';
import { openMedia, type OpenMedia } from './openMedia';
import { measurePace } from './pace';

const TRIES = 4;
const FIRST_BACKOFF_MS = 1_000;
/** Characters. n8n's message about a file names it first, then the limit and its setting. */
const LONGEST_DETAIL = 600;
/** For the store to clear away what it has of the file after an abort. */
const STORE_GRACE_MS = 5_000;
/** No try begins later than this after the first one, so that a file has a longest time in all. */
const LAST_START_MS = 300_000;

export interface DownloadOptions {
	/** The request id when empty. */
	fileName: string;
	/** Besides RunComfy's and the credential's. */
	allowedHosts: string[];
	maximumBytes: number;
}

export interface DownloadingRun {
	helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'prepareBinaryData'>;
	clock: Clock;
	stop: { readonly signal: AbortSignal };
	/** Of the credential: files may come from it. */
	apiHost: string;
}

export interface DownloadedFile {
	binary: IBinaryData;
	info: FileInfo;
}

/**
 * Streams a finished file into n8n's binary store, without the token, and checks what arrives: the
 * host of every hop, the size, the pace, and that it is a whole file of media. A passing fault of the
 * network or the server is tried again; one of the store is not.
 *
 * @throws RunComfyError `downloadRefused`, `downloadTooLarge`, `downloadFailed` or `storeFailed`, each with
 * the URL, or `stopped`
 */
export async function download(
	run: DownloadingRun,
	media: Media,
	requestId: string,
	options: DownloadOptions,
): Promise<DownloadedFile> {
	if (isDataUri(media.url)) return await storeDataUri(run, media, requestId, options);
	const lastStart = run.clock.now() + LAST_START_MS;
	for (let tries = 1; ; tries++) {
		const outcome = await downloadOnce(run, media, requestId, options).then(
			(file) => ({ file }),
			(error: unknown) => asDownloadError(error, media.url),
		);
		if ('file' in outcome) return outcome.file;
		const mayRetry = tries < TRIES && run.clock.now() < lastStart;
		if (!mayRetry || !isPassing(outcome)) throw outcome;
		await run.clock.sleep(FIRST_BACKOFF_MS * 2 ** (tries - 1), run.stop.signal);
	}
}

/** Stores a file that stands in the result itself. */
async function storeDataUri(
	{ helpers }: DownloadingRun,
	media: Media,
	requestId: string,
	{ fileName, maximumBytes }: DownloadOptions,
): Promise<DownloadedFile> {
	const { contentType, bytes } = readDataUri(media.url) ?? { bytes: Buffer.alloc(0) };
	if (bytes.length > maximumBytes) throw tooLarge(maximumBytes);
	const hints = { contentType, url: new URL('data:,'), kind: media.kind };
	const check = new FileCheck(fileTypeOf(bytes, hints));
	check.feed(bytes);
	check.end();
	const name = safeFileName(fileName, requestId, check.type.ending, placeOf(media));
	const binary = await helpers.prepareBinaryData(bytes, name, check.type.mimeType).catch(failStore);
	return { binary, info: check.info() };
}

async function downloadOnce(
	{ helpers, clock, stop, apiHost }: DownloadingRun,
	media: Media,
	requestId: string,
	{ fileName, allowedHosts, maximumBytes }: DownloadOptions,
): Promise<DownloadedFile> {
	stop.signal.throwIfAborted();
	const call = linkedAbort(stop.signal);
	const pace = measurePace(clock, (fault) => call.abort(fault));
	let file: OpenMedia | undefined;
	try {
		file = await openMedia(helpers, media.url, { apiHost, allowedHosts, signal: call.signal });
		const { url, headers } = file;
		if (Number(headers['content-length'] ?? 0) > maximumBytes) throw tooLarge(maximumBytes);
		const hints = { contentType: headers['content-type'], url, kind: media.kind };
		const { stream, check } = await checkBody(file.body, hints, maximumBytes, pace);
		const name = safeFileName(fileName, requestId, check.type.ending, placeOf(media));
		// Of the two that can fail, body and store, the one that failed first is to blame.
		const storing = helpers
			.prepareBinaryData(stream, name, check.type.mimeType)
			.catch((error: unknown) => {
				if (check.fault !== undefined) throw check.fault;
				return failStore(error);
			});
		const binary = await soonAfterAbort(storing, call.signal, clock);
		return { binary, info: check.info() };
	} catch (error) {
		throw call.signal.aborted ? call.signal.reason : error;
	} finally {
		file?.body.destroy();
		pace.end();
		call.release();
	}
}

/** Settles as the promise does, but not long after an abort: a store may hang, and Stop means stop. */
async function soonAfterAbort<T>(
	promise: Promise<T>,
	signal: AbortSignal,
	clock: Clock,
): Promise<T> {
	let endTimer = () => {};
	const late = new Promise<never>((_, reject) => {
		onAbort(signal, (reason) => {
			endTimer = startTimer(clock, STORE_GRACE_MS, () => reject(reason));
		});
	});
	return await Promise.race([promise, late]).finally(() => endTimer());
}

function failStore(error: unknown): never {
	const words = error instanceof Error ? error.message : String(error);
	const detail = words.replace(/\s+/g, ' ').slice(0, LONGEST_DETAIL);
	throw new RunComfyError('storeFailed', { detail });
}

function placeOf({ index, count }: Media): number | undefined {
	return count > 1 ? index : undefined;
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
	// 202 and 206 are files that are not there yet, or not whole.
	const passing = [202, 206, 408, 429];
	return httpStatus === undefined || httpStatus >= 500 || passing.includes(httpStatus);
}
