import { readDelivery, readWaiting } from '../form/readOptions';
import type { Operation } from './operation';

/** Submit, then Get Result with waiting. */
export const generate: Operation = {
	option: {
		name: 'Generate and Wait',
		value: 'generate',
		action: 'Generate a video and wait for it',
		description: 'Submit a paid request, wait until the video is ready, and put it into the item',
	},
	prepare(context, itemIndex, node) {
		const { model, input, prompts } = node.readInput(context, itemIndex);
		const waiting = readWaiting(context, itemIndex);
		const delivery = readDelivery(context, itemIndex);
		return {
			prompts,
			async run({ submitOnce, waitForCompletion, deliver }) {
				const submitted = await submitOnce({ itemIndex, model, input, waiting });
				const { requestId, fresh } = submitted;
				const reply = await waitForCompletion({ itemIndex, requestId, fresh, waiting }).catch(
					submitted.fail,
				);
				return await deliver({ itemIndex, requestId, reply, model, options: delivery });
			},
		};
	},
};
