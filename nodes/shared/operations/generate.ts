import { readDelivery, readWaiting } from '../form/readOptions';
import type { Operation } from './operation';

/** Submit, then Get Result with waiting. */
export const generate: Operation = {
	value: 'generate',
	name: 'Generate and Wait',
	words: (makes) => ({
		action: `Generate ${makes} and wait`,
		description: `Start a billed request, wait for the ${makes} and download it`,
	}),
	async prepare(context, itemIndex, readInput) {
		const { prompts, references, ...input } = await readInput(itemIndex);
		const waiting = readWaiting(context, itemIndex);
		const delivery = readDelivery(context, itemIndex);
		return {
			prompts,
			async run({ limits, identity, submitOnce, waitForCompletion, deliver }) {
				const within = limits(waiting.maximumWaitMs);
				const { cancelOnStop } = waiting;
				const item = {
					...input,
					itemIndex,
					identity: identity(itemIndex, references),
					cancelOnStop,
				};
				const submitted = await submitOnce({ ...item, limits: within });
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
