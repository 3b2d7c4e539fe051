import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { RunComfyClient } from '../api/client';
import { isDataUri, withoutDataUris } from '../api/dataUri';
import { costOf, reasonOf, resultOf } from '../api/detail';
import { RunComfyError } from '../api/errors';
import type { CallLimits } from '../api/http';
import { isSaying, type ReplyBody, type RequestReply } from '../api/replies';
import type { RequestAddress } from '../api/routes';
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
	/** The answer to the submit, when this run or an earlier try has made it. */
	submitted?: ReplyBody;
	options: DeliveryOptions;
}

/** What a completed request has given. */
export interface Output {
	media: Media[];
	/** What each item says of where it comes from, and of the answer as a whole. */
	about: object;
	said: object;
}

export type ReadOutput = (body: ReplyBody, delivery: Delivery) => Output | Promise<Output>;

export interface DeliveringRun extends DownloadingRun {
	client: Pick<RunComfyClient, 'result'>;
	shortLimits(): CallLimits;
	log: { debug(message: string, itemIndex: number): void };
	readOutput: ReadOutput;
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
	const { status, body } = delivery.reply;
	const cost = costOf(body);
	let output = await run.readOutput(body, delivery);
	const { length: count } = output.media;
	let isRenewed = false;
	if (count === 0) {
		if (!run.filesRequired) return [{ json: describe(output, delivery), pairedItem }];
		throw new RunComfyError('noMedia', {
			...address,
			status,
			...reasonOf(body),
			...cost,
			...resultOf(body),
		});
	}

	const items: INodeExecutionData[] = [];
	for (let index = 0; index < count; index++) {
		const delivered = await deliverFile(index).catch((error: unknown) => {
			const full =
				error instanceof RunComfyError ? error.with({ ...address, status, ...cost }) : error;
			const stopped = full instanceof RunComfyError && full.kind === 'stopped';
			if (stopped || !run.continueOnFail) throw full;
			return run.errorItem(full, itemIndex);
		});
		items.push(delivered);
	}
	return items;

	async function deliverFile(index: number): Promise<INodeExecutionData> {
		const file = output.media[index] as Media;
		// What stands in the result itself is there already.
		if (!options.downloadMedia && !isDataUri(file.url)) {
			return { json: describe(output, delivery, file), pairedItem };
		}
		run.log.debug(`request ${requestId}: downloading file ${index + 1} of ${count}`, itemIndex);
		const { binary, info } = await download(run, file, requestId, options).catch(
			async (error: unknown) => {
				if (isRenewed || !isExpired(error)) throw error;
				isRenewed = true;
				if (!(await renewLinks())) throw error;
				return await download(run, output.media[index] as Media, requestId, options);
			},
		);
		return {
			json: describe(
				output,
				delivery,
				output.media[index],
				kindOfType(binary.mimeType) ?? 'file',
				info,
			),
			binary: { [options.outputBinaryField]: binary },
			pairedItem,
		};
	}

	/** Asks for the result once more, which names fresh links; returns whether there are as many as before. */
	async function renewLinks(): Promise<boolean> {
		run.log.debug(`request ${requestId}: a link has expired, asking for fresh ones`, itemIndex);
		const fresh = await run.client.result(address, run.shortLimits()).catch(() => undefined);
		run.stop.signal.throwIfAborted();
		const renewed = fresh && (await run.readOutput({ ...body, ...fresh.body }, delivery));
		if (renewed?.media.length !== count) return false;
		output = renewed;
		return true;
	}
}

/** A host of files says so with a 403, 404 or 410, some also with a 400 or 401. */
function isExpired(error: unknown): boolean {
	if (!(error instanceof RunComfyError) || error.kind !== 'downloadFailed') return false;
	const { httpStatus = 0 } = error.facts;
	return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429;
}

/** What an item says of a file, or of a result without one. */
function describe(
	{ about, said }: Output,
	{ address, reply: { state, body } }: Delivery,
	file?: Media,
	kind: MediaKind | 'file' = file?.kind ?? kindOfEnding(file?.url ?? '') ?? 'file',
	info?: FileInfo,
): IDataObject {
	return {
		request_id: address.requestId,
		status: state,
		...about,
		...(file && { media_type: kind, index: file.index }),
		...(file && !isDataUri(file.url) && { url: file.url }),
		...file?.facts,
		count: file?.count ?? 0,
		...info,
		created_at: body.created_at,
		finished_at: body.finished_at,
		...said,
	} as IDataObject;
}

/** The output of a model; what the answer says of itself comes before what was asked for. */
export const readModelOutput: ReadOutput = (body, { model, prompt }) => {
	const { model_id: ranModel, cost, output, ...rest } = body;
	const media = listMedia(body);
	return {
		media,
		about: { model: ranModel ?? model, ...(typeof prompt === 'string' && { prompt }) },
		said: {
			...(cost !== undefined && { cost }),
			...(!isOnlyFiles(output, media) && { output: withoutDataUris(output ?? null) }),
			...unsaid(rest),
		},
	};
};

const TOLD = ['request_id', 'status', 'created_at', 'finished_at'];

/** What else an answer says. */
export function unsaid(body: ReplyBody): { result?: object } {
	const others = Object.entries(body).filter(
		([name, value]) => !TOLD.includes(name) && !isApiAddress(name) && !isNothing(value),
	);
	return others.length > 0 ? { result: withoutDataUris(Object.fromEntries(others)) } : {};
}

/** Whether an output says nothing but the URLs of its files, each of which has an item: no names that tell them apart. */
function isOnlyFiles(output: unknown, media: Media[]): boolean {
	const urls = media.map(({ url }) => url);
	const isTold = (value: unknown): boolean => {
		if (typeof value !== 'object' || value === null) {
			return isNothing(value) || (typeof value === 'string' && urls.includes(value.trim()));
		}
		const parts = Object.values(value);
		const isNamed = !Array.isArray(value) && parts.filter(isSaying).length > 1;
		return !isNamed && parts.every(isTold);
	};
	return urls.length > 0 && isTold(output);
}
