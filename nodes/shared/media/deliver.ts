import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { RequestAddress } from '../api/client';
import { RunComfyError } from '../api/errors';
import type { RequestReply } from '../api/replies';
import type { FileInfo } from './checkedBody';
import { createDownload, type DownloadOptions, type DownloadParts } from './download';
import { isDataUri, withoutDataUris } from './dataUri';
import { kindOfEnding, kindOfType } from './fileType';
import { isNothing } from '../parameters/wrongValue';
import { isApiAddress, listMedia, type Media, type MediaKind } from './media';

export interface DeliveryOptions extends DownloadOptions {
	/** Whether to fetch the files, or only to tell their URLs. */
	downloadMedia: boolean;
	/** Name of the binary field. */
	outputBinaryField: string;
}

/** A completed request on its way into n8n. */
export interface Delivery {
	itemIndex: number;
	address: RequestAddress;
	/** The answer of `result`. */
	reply: RequestReply;
	/** The model that was asked for; what the answer says of itself comes first. */
	model?: string;
	options: DeliveryOptions;
}

/**
 * Turns a completed request into items, one a file, with URL and binary data.
 *
 * A file that cannot be downloaded becomes an error item when `errorItem` is there to make one.
 * Rejects with `noMedia`, `stopped`, or what the download rejects with, always with the request id.
 */
export type Deliver = (delivery: Delivery) => Promise<INodeExecutionData[]>;

export interface DeliverParts extends DownloadParts {
	/** Asks for the result of a completed request once more, which names fresh links. */
	freshResult(address: RequestAddress): Promise<RequestReply>;
	/** Makes an item of an error, when the node continues on failures. */
	errorItem?: (error: unknown, itemIndex: number) => INodeExecutionData;
	log: { debug(message: string, itemIndex: number): void };
	/** Whether an output that names no file is an error; otherwise it becomes an item without a file. */
	filesRequired: boolean;
}

export function createDeliver({
	errorItem,
	freshResult,
	log,
	filesRequired,
	...parts
}: DeliverParts): Deliver {
	const download = createDownload(parts);

	return async (delivery) => {
		const { itemIndex, address, options } = delivery;
		const { requestId } = address;
		const pairedItem = { item: itemIndex };
		const { status } = delivery.reply;
		let { body } = delivery.reply;
		let media = listMedia(body);
		let renewed = false;
		if (media.length === 0) {
			const json = describe(body, delivery);
			if (!filesRequired) return [{ json, pairedItem }];
			const { output, result } = json;
			const detail = JSON.stringify({ output, result }).slice(0, LONGEST_ANSWER);
			throw new RunComfyError('noMedia', { requestId, status, detail });
		}

		const items: INodeExecutionData[] = [];
		for (let index = 0; index < media.length; index++) {
			const delivered = await deliverFile(index).catch((error: unknown) => {
				const full = error instanceof RunComfyError ? error.with({ requestId, status }) : error;
				const stopped = full instanceof RunComfyError && full.kind === 'stopped';
				if (stopped || !errorItem) throw full;
				return errorItem(full, itemIndex);
			});
			items.push(delivered);
		}
		return items;

		async function deliverFile(index: number): Promise<INodeExecutionData> {
			const file = media[index] as Media;
			// What stands in the result itself is there already.
			if (!options.downloadMedia && !isDataUri(file.url)) {
				return { json: describe(body, delivery, file), pairedItem };
			}
			log.debug(
				`request ${requestId}: downloading file ${index + 1} of ${media.length}`,
				itemIndex,
			);
			const { binary, info } = await download(file, requestId, options).catch(
				async (error: unknown) => {
					if (renewed || !isExpired(error)) throw error;
					renewed = true;
					if (!(await renewLinks())) throw error;
					return await download(media[index] as Media, requestId, options);
				},
			);
			return {
				json: describe(body, delivery, media[index], kindOfType(binary) ?? 'file', info),
				binary: { [options.outputBinaryField]: binary },
				pairedItem,
			};
		}

		/** Fetches new links for all files; returns whether there are as many as before. */
		async function renewLinks(): Promise<boolean> {
			log.debug(`request ${requestId}: a link has expired, asking for fresh ones`, itemIndex);
			const fresh = await freshResult(address).catch(() => undefined);
			parts.signal.throwIfAborted();
			const links = fresh ? listMedia(fresh.body) : [];
			if (!fresh || links.length !== media.length) return false;
			body = { ...body, ...fresh.body };
			media = links;
			return true;
		}
	};
}

/** A host of files says so with a 403, 404 or 410, some also with a 400 or 401. */
function isExpired(error: unknown): boolean {
	if (!(error instanceof RunComfyError) || error.kind !== 'downloadFailed') return false;
	const { httpStatus = 0 } = error.facts;
	return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429;
}

/** How much an error shows of an answer without a file, in characters. */
const LONGEST_ANSWER = 1_000;

/** What of an answer an item says in its own way. */
const TOLD = ['request_id', 'status'];

/** What an item says of a file, or of a result without one, in the API's own names. */
function describe(
	body: Record<string, unknown>,
	{ address, reply: { state }, model }: Delivery,
	file?: Media,
	kind: MediaKind | 'file' = file?.kind ?? kindOfEnding(file?.url ?? '') ?? 'file',
	info?: FileInfo,
): IDataObject {
	const { model_id: ranModel, created_at, finished_at, cost, output, ...rest } = body;
	const others = Object.entries(rest).filter(
		([name, value]) => !TOLD.includes(name) && !isApiAddress(name) && !isNothing(value),
	);
	return {
		request_id: address.requestId,
		status: state,
		model: ranModel ?? model,
		...(file && { media_type: kind, index: file.index }),
		...(file && !isDataUri(file.url) && { url: file.url }),
		count: file?.count ?? 0,
		...(info && fileFields(info)),
		created_at,
		finished_at,
		...(cost !== undefined && { cost }),
		output: withoutDataUris(output ?? null),
		...(others.length > 0 && { result: withoutDataUris(Object.fromEntries(others)) }),
	} as IDataObject;
}

/** Named as in the API: `duration` is in seconds, as that of the input is. */
function fileFields({ bytes, width, height, duration }: FileInfo): IDataObject {
	return {
		file_size: bytes,
		...(width !== undefined && { width, height }),
		...(duration !== undefined && { duration }),
	};
}
