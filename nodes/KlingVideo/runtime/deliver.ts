import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import type { RequestReply } from '../api/replies';
import { download, type DownloadOptions } from './download';
import { errorItem } from './errorItem';
import { listMedia } from './media';
import type { Session } from './session';

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
 * A file that cannot be downloaded becomes an error item when the run continues on failures.
 *
 * @throws RunComfyError `noMedia`, `stopped`, or what `download` throws, always with the request id
 */
export async function deliver(
	session: Session,
	{ itemIndex, requestId, reply, model, options }: Delivery,
): Promise<INodeExecutionData[]> {
	const { body, status } = reply;
	const media = listMedia(body.output);
	if (media.length === 0) throw new RunComfyError('noMedia', { requestId, status });

	const items: INodeExecutionData[] = [];
	for (const file of media) {
		const json = {
			request_id: requestId,
			status: reply.state,
			model: body.model_id ?? model,
			media_type: file.kind,
			url: file.url,
			index: file.index,
			count: file.count,
			created_at: body.created_at,
			finished_at: body.finished_at,
			...(body.cost !== undefined && { cost: body.cost }),
			output: body.output,
		} as IDataObject;
		try {
			if (options.downloadMedia)
				session.trace(`request ${requestId}: downloading file ${file.index + 1} of ${file.count}`);
			const binary = options.downloadMedia
				? { [options.outputBinaryField]: await download(session, file, requestId, options) }
				: undefined;
			items.push({ json, ...(binary && { binary }), pairedItem: { item: itemIndex } });
		} catch (error) {
			const fault = error instanceof RunComfyError ? error.with({ requestId, status }) : error;
			const stopped = fault instanceof RunComfyError && fault.kind === 'stopped';
			if (stopped || !session.continueOnFail) return await Promise.reject(fault);
			items.push(errorItem(session.context, fault, itemIndex, session.secrets));
		}
	}
	return items;
}
