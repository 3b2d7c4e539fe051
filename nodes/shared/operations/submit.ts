import { readWaiting } from '../form/readOptions';
import type { Operation } from './operation';
import { replyItem } from './replyItem';

export const submit: Operation = {
	option: {
		name: 'Submit',
		value: 'submit',
		action: 'Submit a video request',
		description: 'Submit a paid request and give its ID back at once, to be collected later',
	},
	async prepare(context, itemIndex, readInput) {
		const { prompts, references, ...input } = await readInput(itemIndex);
		const { maximumWaitMs, cancelOnStop } = readWaiting(context, itemIndex);
		return {
			prompts,
			async run({ limits, identity, submitOnce }) {
				const order = {
					...input,
					itemIndex,
					identity: identity(itemIndex, references),
					cancelOnStop,
				};
				const { body } = await submitOnce({ ...order, limits: limits(maximumWaitMs) });
				return [replyItem(body, itemIndex)];
			},
		};
	},
};
