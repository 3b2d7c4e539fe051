import { outcomeOfCancel } from '../requests/runRequests';
import { replyItem, type Operation } from './operation';

export const cancel: Operation = {
	value: 'cancel',
	ofRequest: true,
	name: 'Cancel Request',
	words: (_, target) => ({
		action: 'Cancel request',
		description:
			target === 'deployment'
				? 'Cancel a request that is queued or running'
				: 'Cancel a request that is still queued. A running one can no longer be cancelled.',
	}),
	options: [],
	prepare(item, _, read) {
		const address = read.readAddress(item);
		return {
			async run({ client, shortLimits }) {
				const { state, body } = await client.cancel(address, shortLimits());
				const message = outcomeOfCancel(state, address);
				const verdict = { cancelled: state === 'cancelled', message };
				const told = { request_id: address.requestId, ...body, ...verdict };
				return [replyItem(told, address, item.index)];
			},
		};
	},
};
