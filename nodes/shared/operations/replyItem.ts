import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { withoutDataUris } from '../api/dataUri';
import type { ReplyBody } from '../api/replies';

/**
 * Its `error` is called `failure` here: n8n (2.41.1) takes an `error` in the first item for a failure of the
 * node and runs it again when Retry On Fail is on.
 */
export function replyItem({ error, ...body }: ReplyBody, itemIndex: number): INodeExecutionData {
	const failed = error !== undefined && error !== null;
	return {
		json: withoutDataUris({ ...body, ...(failed && { failure: error }) }) as IDataObject,
		pairedItem: { item: itemIndex },
	};
}
