import { readDelivery, readWaiting } from './readOptions';
import type { Operation } from './operation';

/** Submit, then Get Result with waiting. */
export const generate: Operation = {
	value: 'generate',
	name: 'Generate and Wait',
	words: (makes) => ({
		action: `Generate ${makes} and wait`,
		description: `Start a billed request, wait for the ${makes} and download it`,
	}),
	async prepare(item, readInput) {
		const itemIndex = item.index;
		const { prompts, references, ...input } = await readInput(item);
		const waiting = readWaiting(item);
		const delivery = readDelivery(item);
		return {
			prompts,
			async run({ limits, identity, submitOnce, waitForCompletion, deliver }) {
				const within = limits(waiting.maximumWaitMs);
				const { cancelOnStop } = waiting;
				const request = {
					...input,
					itemIndex,
					identity: identity(itemIndex, references),
					cancelOnStop,
				};
				const submitted = await submitOnce({ ...request, limits: within });
				if (submitted.items) return submitted.items;

				const { requestId, fresh } = submitted;
				const awaited = { itemIndex, requestId, fresh, waiting, limits: within };
				const reply = await waitForCompletion(awaited).catch(submitted.fail);
				const { model } = input;
				const items = await deliver({ itemIndex, requestId, reply, model, options: delivery });
				submitted.finish(items);
				return items;
			},
		};
	},
};
