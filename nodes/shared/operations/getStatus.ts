import { readRequestId } from '../form/readOptions';
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
			async run({ client, shortLimits }) {
				const { body } = await client.status(requestId, shortLimits());
				return [replyItem(body, itemIndex)];
			},
		};
	},
};
