import { readWaiting } from '../form/readOptions';
import type { Operation } from './operation';
import { replyItem } from './replyItem';

export const submit: Operation = {
	value: 'submit',
	name: 'Submit Request',
	words: (makes) => ({
		action: `Submit ${makes} request`,
		description: `Start a billed request and return its ID immediately, without waiting for the ${makes}`,
	}),
	async prepare(context, itemIndex, readInput) {
		const { prompts, references, ...input } = await readInput(itemIndex);
		const { maximumWaitMs, cancelOnStop } = readWaiting(context, itemIndex);
		return {
			prompts,
			async run({ limits, identity, submitOnce }) {
				const item = {
					...input,
					itemIndex,
					identity: identity(itemIndex, references),
					cancelOnStop,
				};
				const { body } = await submitOnce({ ...item, limits: limits(maximumWaitMs) });
				return [replyItem(body, itemIndex)];
			},
		};
	},
};
