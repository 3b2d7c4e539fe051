import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { RequestAddress, RunComfyClient } from '../api/client';
import { isDataUri, withoutDataUris } from '../api/dataUri';
import { reasonOf, resultOf } from '../api/detail';
import { RunComfyError } from '../api/errors';
import type { CallLimits } from '../api/http';
import { isSaying, type RequestReply } from '../api/replies';
import { isNothing } from '../parameters/values';
import type { FileInfo } from './checkedBody';
import { download, type DownloadingRun, type DownloadOptions } from './download';
import { kindOfEnding } from './fileType';
import { kindOfType } from './formats';
import { isApiAddress, listMedia, type Media, type MediaKind } from './media';

export interface DeliveryOptions extends DownloadOptions {
	downloadMedia: boolean;
	outputBinaryField: string;
}

export interface Delivery {
	itemIndex: number;
	address: RequestAddress;
	reply: RequestReply;
	model?: string;
	/** What was asked for, where this run knows it. */
	prompt?: unknown;
	options: DeliveryOptions;
}

export interface DeliveringRun extends DownloadingRun {
	client: Pick<RunComfyClient, 'result'>;
	shortLimits(): CallLimits;
	log: { debug(message: string, itemIndex: number): void };
	/** Otherwise an output that names no file becomes an item without one. */
	filesRequired: boolean;
	continueOnFail: boolean;
	errorItem(error: unknown, itemIndex: number): INodeExecutionData;
}

/**
 * Turns a completed request into items, one a file, with URL and binary data. A file that cannot be downloaded
 * becomes an error item when the node continues on failures.
 *
 * @throws RunComfyError `noMedia`, `stopped`, or what the download rejects with, always with the request id
 */
export async function deliver(
	run: DeliveringRun,
	delivery: Delivery,
): Promise<INodeExecutionData[]> {
	const { itemIndex, address, options } = delivery;
	const { requestId } = address;
	const pairedItem = { item: itemIndex };
	const { status } = delivery.reply;
	let { body } = delivery.reply;
	let media = listMedia(body);
	let renewed = false;
	if (media.length === 0) {
		if (!run.filesRequired) return [{ json: describe(body, delivery), pairedItem }];
		throw new RunComfyError('noMedia', {
			requestId,
			status,
			...reasonOf(body),
			...(typeof body.cost === 'number' && { costUsd: body.cost }),
			...resultOf(body),
		});
	}

	const items: INodeExecutionData[] = [];
	for (let index = 0; index < media.length; index++) {
		const delivered = await deliverFile(index).catch((error: unknown) => {
			const full = error instanceof RunComfyError ? error.with({ requestId, status }) : error;
			const stopped = full instanceof RunComfyError && full.kind === 'stopped';
			if (stopped || !run.continueOnFail) throw full;
			return run.errorItem(full, itemIndex);
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
		run.log.debug(
			`request ${requestId}: downloading file ${index + 1} of ${media.length}`,
			itemIndex,
		);
		const { binary, info } = await download(run, file, requestId, options).catch(
			async (error: unknown) => {
				if (renewed || !isExpired(error)) throw error;
				renewed = true;
				if (!(await renewLinks())) throw error;
				return await download(run, media[index] as Media, requestId, options);
			},
		);
		return {
			json: describe(body, delivery, media[index], kindOfType(binary.mimeType) ?? 'file', info),
			binary: { [options.outputBinaryField]: binary },
			pairedItem,
		};
	}

	/** Asks for the result once more, which names fresh links; returns whether there are as many as before. */
	async function renewLinks(): Promise<boolean> {
		run.log.debug(`request ${requestId}: a link has expired, asking for fresh ones`, itemIndex);
		const fresh = await run.client.result(address, run.shortLimits()).catch(() => undefined);
		run.stop.signal.throwIfAborted();
		const links = fresh ? listMedia(fresh.body) : [];
		if (!fresh || links.length !== media.length) return false;
		body = { ...body, ...fresh.body };
		media = links;
		return true;
	}
}

/** A host of files says so with a 403, 404 or 410, some also with a 400 or 401. */
function isExpired(error: unknown): boolean {
	if (!(error instanceof RunComfyError) || error.kind !== 'downloadFailed') return false;
	const { httpStatus = 0 } = error.facts;
	return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429;
}

const TOLD = ['request_id', 'status', 'model_id', 'created_at', 'finished_at', 'cost', 'output'];

/** What an item says of a file, or of a result without one. */
function describe(
	body: Record<string, unknown>,
	{ address, reply: { state }, model, prompt }: Delivery,
	file?: Media,
	kind: MediaKind | 'file' = file?.kind ?? kindOfEnding(file?.url ?? '') ?? 'file',
	info?: FileInfo,
): IDataObject {
	const others = Object.entries(body).filter(
		([name, value]) => !TOLD.includes(name) && !isApiAddress(name) && !isNothing(value),
	);
	return {
		request_id: address.requestId,
		status: state,
		model: body.model_id ?? model,
		...(typeof prompt === 'string' && { prompt }),
		...(file && { media_type: kind, index: file.index }),
		...(file && !isDataUri(file.url) && { url: file.url }),
		count: file?.count ?? 0,
		...info,
		created_at: body.created_at,
		finished_at: body.finished_at,
		...(body.cost !== undefined && { cost: body.cost }),
		...(!isOnlyFiles(body) && { output: withoutDataUris(body.output ?? null) }),
		...(others.length > 0 && { result: withoutDataUris(Object.fromEntries(others)) }),
	} as IDataObject;
}

/** Whether an output says nothing but the URLs of its files, each of which has an item: no names that tell them apart. */
function isOnlyFiles(body: Record<string, unknown>): boolean {
	const urls = listMedia(body).map(({ url }) => url);
	const isTold = (value: unknown): boolean => {
		if (typeof value !== 'object' || value === null) {
			return isNothing(value) || (typeof value === 'string' && urls.includes(value.trim()));
		}
		const parts = Object.values(value);
		const isNamed = !Array.isArray(value) && parts.filter(isSaying).length > 1;
		return !isNamed && parts.every(isTold);
	};
	return urls.length > 0 && isTold(body.output);
}
