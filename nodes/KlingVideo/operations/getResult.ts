import { completed, isEnded } from '../api/waitForCompletion';
import { asItem } from '../runtime/asItem';
import { deliver } from '../runtime/deliver';
import { finish } from '../runtime/finish';
import { readDelivery, readRequestId, readWaiting } from '../runtime/readOptions';
import { defineOperation } from './operation';

export const getResult = defineOperation({
	option: {
		name: 'Get Result',
		value: 'getResult',
		action: 'Get the result of a request',
		description: 'Put the video of a finished request into the item, or wait for it first',
	},
	prepare: (context, itemIndex) => ({
		itemIndex,
		requestId: readRequestId(context, itemIndex),
		wait: context.getNodeParameter('waitForCompletion', itemIndex) === true,
		waiting: readWaiting(context, itemIndex),
		delivery: readDelivery(context, itemIndex),
	}),
	async run(session, order) {
		if (order.wait) return await finish(session, order);

		const { itemIndex, requestId, waiting, delivery } = order;
		const limits = session.shortLimits();
		const reply = await session.client.result(requestId, waiting.includeCost, limits);
		if (!isEnded(reply)) return [asItem(reply.body, itemIndex)];
		completed(requestId, reply);
		return await deliver(session, { itemIndex, requestId, reply, options: delivery });
	},
});
