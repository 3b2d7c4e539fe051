import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { errorWords, toNodeError, type ErrorSite } from './nodeError';

/**
 * An error as an item, for both forms of Continue On Fail, always with the request id.
 *
 * n8n sends an item to the error output only when its json holds no other keys than `error`, `message`
 * and `details` (2.36 and later), or when it has an `error` beside `json`, which then costs it all of
 * its json. So the error output gets `details` alone, and the regular output the same with `request_id`
 * and `url` on top.
 */
export function errorItem(
	context: IExecuteFunctions,
	error: unknown,
	site: ErrorSite,
): INodeExecutionData {
	const nodeError = toNodeError(context, error, site);
	const { description } = errorWords(context, error, site);
	const { requestId, url, status } = error instanceof RunComfyError ? error.facts : {};
	const ids = { ...(requestId && { request_id: requestId }), ...(url && { url }) };
	const details: IDataObject = {
		...ids,
		...(status && { status }),
		reason: error instanceof RunComfyError ? error.kind : 'error',
		description,
	};
	const toErrorOutput = context.getNode().onError === 'continueErrorOutput';
	const item: INodeExecutionData = {
		json: { error: nodeError.message, ...(!toErrorOutput && ids), details },
		pairedItem: { item: site.itemIndex },
	};
	// For n8n before 2.36: it sees this and sends the item to the error output, as a copy, in which a
	// property that is not enumerable is gone, so that json stays.
	if (toErrorOutput) Object.defineProperty(item, 'error', { value: nodeError });
	return item;
}
