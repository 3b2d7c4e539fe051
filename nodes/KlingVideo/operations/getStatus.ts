import { asItem } from '../runtime/asItem';
import { readRequestId } from '../runtime/readOptions';
import { defineOperation } from './operation';

export const getStatus = defineOperation({
	option: {
		name: 'Get Status',
		value: 'getStatus',
		action: 'Get the status of a request',
		description: 'Tell whether a request is queued, in progress, completed or cancelled',
	},
	prepare: (context, itemIndex) => ({ itemIndex, requestId: readRequestId(context, itemIndex) }),
	async run(session, { itemIndex, requestId }) {
		const { body } = await session.client.status(requestId, session.shortLimits());
		return [asItem(body, itemIndex)];
	},
});
