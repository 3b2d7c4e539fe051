import { readWaiting } from './readOptions';
import type { Operation } from './operation';
import { replyItem } from './replyItem';

export const submit: Operation = {
	value: 'submit',
	name: 'Submit Request',
	words: (makes) => ({
		action: `Submit ${makes} request`,
		description: `Start a billed request and return its ID immediately, without waiting for the ${makes}`,
	}),
	async prepare(item, readInput) {
		const itemIndex = item.index;
		const { prompts, references, ...input } = await readInput(item);
		const { maximumWaitMs, cancelOnStop } = readWaiting(item);
		return {
			prompts,
			async run({ limits, identity, submitOnce }) {
				const request = {
					...input,
					itemIndex,
					identity: identity(itemIndex, references),
					cancelOnStop,
				};
				const { body } = await submitOnce({ ...request, limits: limits(maximumWaitMs) });
				return [replyItem(body, itemIndex)];
			},
		};
	},
};
