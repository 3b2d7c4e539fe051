import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { toNodeError } from './nodeError';

/**
 * An error as an item, for both forms of Continue On Fail, always with the request id.
 *
 * n8n 2.41.1 sends an item to the error output only when its json holds no other keys than `error`,
 * `message` and `details`; an item with an `error` beside `json` loses all of its json. So the error
 * output gets `details` alone, and the regular output the same with `request_id` and `url` on top.
 */
export function errorItem(
	context: IExecuteFunctions,
	error: unknown,
	itemIndex: number,
	secrets: string[],
): INodeExecutionData {
	const { message, description } = toNodeError(context, error, itemIndex, secrets);
	const { requestId, url, status } = error instanceof RunComfyError ? error.facts : {};
	const ids = { ...(requestId && { request_id: requestId }), ...(url && { url }) };
	const details: IDataObject = {
		...ids,
		...(status && { status }),
		reason: error instanceof RunComfyError ? error.kind : 'error',
		description,
	};
	const toErrorOutput = context.getNode().onError === 'continueErrorOutput';
	return {
		json: { error: message, ...(!toErrorOutput && ids), details },
		pairedItem: { item: itemIndex },
	};
}
