import { replyItem, type Operation } from './operation';
import { readAddress } from './requestId';

export const getStatus: Operation = {
	value: 'getStatus',
	ofRequest: true,
	name: 'Get Request Status',
	words: () => ({
		action: 'Get request status',
		description: 'Retrieve whether a request is queued, in progress, completed or cancelled',
	}),
	options: [],
	prepare(item) {
		const address = readAddress(item);
		return {
			async run({ client, shortLimits }) {
				const { body } = await client.status(address, shortLimits());
				return [replyItem(body, item.index)];
			},
		};
	},
};
