import { readRequestId } from './readOptions';
import { SHORT_PATIENCE_MS } from './openRun';
import type { Operation } from './operation';
import { replyItem } from './replyItem';

export const getStatus: Operation = {
	value: 'getStatus',
	name: 'Get Request Status',
	words: () => ({
		action: 'Get request status',
		description: 'Retrieve whether a request is queued, in progress, completed or cancelled',
	}),
	prepare(item) {
		const requestId = readRequestId(item);
		return {
			async run({ client, limits }) {
				const { body } = await client.status(requestId, limits(SHORT_PATIENCE_MS));
				return [replyItem(body, item.index)];
			},
		};
	},
};
