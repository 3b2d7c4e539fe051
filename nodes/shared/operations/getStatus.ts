import { replyItem, type Operation } from './operation';

export const getStatus: Operation = {
	value: 'getStatus',
	ofRequest: true,
	name: 'Get Request Status',
	words: () => ({
		action: 'Get request status',
		description: 'Retrieve whether a request is queued, in progress, completed or cancelled',
	}),
	options: [],
	prepare(item, _, read) {
		const address = read.readAddress(item);
		return {
			async run({ client, shortLimits }) {
				const { body } = await client.status(address, shortLimits());
				return [replyItem(body, address, item.index)];
			},
		};
	},
};
