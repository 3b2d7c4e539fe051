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
	prepare(context, itemIndex, node) {
		const { model, input, prompts } = node.readInput(context, itemIndex);
		const waiting = readWaiting(context, itemIndex);
		return {
			prompts,
			async run({ submitOnce }) {
				const { body } = await submitOnce({ itemIndex, model, input, waiting });
				return [replyItem(body, itemIndex)];
			},
		};
	},
};
