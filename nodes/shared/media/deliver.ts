import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import type { RequestReply } from '../api/replies';
import { createDownload, type DownloadOptions, type DownloadParts } from './download';
import { listMedia, type Media } from './media';

export interface DeliveryOptions extends DownloadOptions {
	/** Whether to fetch the files, or only to tell their URLs. */
	downloadMedia: boolean;
	/** Name of the binary field. */
	outputBinaryField: string;
}

/** A completed request on its way into n8n. */
export interface Delivery {
	itemIndex: number;
	requestId: string;
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
	/** Makes an item of an error, when the node continues on failures. */
	errorItem?: (error: unknown, itemIndex: number) => INodeExecutionData;
	log: { debug(message: string, itemIndex: number): void };
}

export function createDeliver({ errorItem, log, ...parts }: DeliverParts): Deliver {
	const download = createDownload(parts);

	return async ({ itemIndex, requestId, reply, model, options }) => {
		const media = listMedia(reply.body.output);
		const { status } = reply;
		if (media.length === 0) throw new RunComfyError('noMedia', { requestId, status });

		const items: INodeExecutionData[] = [];
		for (const file of media) {
			const delivered = await deliverFile(file).catch((error: unknown) => {
				const fault = error instanceof RunComfyError ? error.with({ requestId, status }) : error;
				const stopped = fault instanceof RunComfyError && fault.kind === 'stopped';
				if (stopped || !errorItem) throw fault;
				return errorItem(fault, itemIndex);
			});
			items.push(delivered);
		}
		return items;

		async function deliverFile(file: Media): Promise<INodeExecutionData> {
			const json = describe(file, { requestId, reply, model });
			const pairedItem = { item: itemIndex };
			if (!options.downloadMedia) return { json, pairedItem };
			log.debug(
				`request ${requestId}: downloading file ${file.index + 1} of ${file.count}`,
				itemIndex,
			);
			const data = await download(file, requestId, options);
			return { json, binary: { [options.outputBinaryField]: data }, pairedItem };
		}
	};
}

function describe(
	{ kind, url, index, count }: Media,
	{ requestId, reply: { state, body }, model }: Pick<Delivery, 'requestId' | 'reply' | 'model'>,
): IDataObject {
	return {
		request_id: requestId,
		status: state,
		model: body.model_id ?? model,
		media_type: kind,
		url,
		index,
		count,
		created_at: body.created_at,
		finished_at: body.finished_at,
		...(body.cost !== undefined && { cost: body.cost }),
		output: body.output,
	} as IDataObject;
}
