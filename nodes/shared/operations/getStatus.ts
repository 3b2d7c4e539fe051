import { readRequestId } from '../form/readOptions';
import { SHORT_PATIENCE_MS } from './openRun';
import type { Operation } from './operation';
import { replyItem } from './replyItem';

export const getStatus: Operation = {
	option: {
		name: 'Get Status',
		value: 'getStatus',
		action: 'Get the status of a request',
		description: 'Tell whether a request is queued, in progress, completed or cancelled',
	},
	prepare(context, itemIndex) {
		const requestId = readRequestId(context, itemIndex);
		return {
			async run({ client, limits }) {
				const { body } = await client.status(requestId, limits(SHORT_PATIENCE_MS));
				return [replyItem(body, itemIndex)];
			},
		};
	},
};
