import { finish } from '../runtime/finish';
import { readInput } from '../runtime/readInput';
import { readDelivery, readWaiting } from '../runtime/readOptions';
import { noteFailure, submitOnce } from '../runtime/submitOnce';
import { defineOperation } from './operation';

/** Submit, then Get Result with waiting. */
export const generate = defineOperation({
	option: {
		name: 'Generate and Wait',
		value: 'generate',
		action: 'Generate a video and wait for it',
		description: 'Submit a paid request, wait until the video is ready, and put it into the item',
	},
	prepare: (context, itemIndex) => ({
		...readInput(context, itemIndex),
		itemIndex,
		waiting: readWaiting(context, itemIndex),
		delivery: readDelivery(context, itemIndex),
	}),
	async run(session, order) {
		const { requestId, fresh } = await submitOnce(session, order);
		try {
			return await finish(session, { ...order, requestId, fresh });
		} catch (error) {
			noteFailure(session, order, error);
			return await Promise.reject(error);
		}
	},
});
