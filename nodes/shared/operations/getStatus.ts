import type { Operation } from './operation';
import { replyItem } from './replyItem';
import { readAddress } from './requestId';
import { SHORT_PATIENCE_MS } from './run';

export const getStatus: Operation = {
	value: 'getStatus',
	name: 'Get Request Status',
	words: () => ({
		action: 'Get request status',
		description: 'Retrieve whether a request is queued, in progress, completed or cancelled',
	}),
	options: [],
	prepare(item) {
		const address = readAddress(item);
		return {
			async run({ client, limits }) {
				const { body } = await client.status(address, limits(SHORT_PATIENCE_MS));
				return [replyItem(body, item.index)];
			},
		};
	},
};
