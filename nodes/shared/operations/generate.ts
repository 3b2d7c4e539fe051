import { deliver } from '../media/deliver';
import { submitOnce } from '../requests/submitOnce';
import { waitForCompletion } from '../requests/waitForCompletion';
import { deliveryOptions, readDelivery } from './delivery';
import type { Operation } from './operation';
import { maximumConcurrencyOption, maximumRequestsOption } from './options';
import {
	cancelSubmittedOption,
	maximumWaitOption,
	pollIntervalOption,
	readWaiting,
} from './waiting';

export const generate: Operation = {
	value: 'generate',
	ofRequest: false,
	name: 'Generate and Wait',
	words: (media, target) => ({
		action: target === 'deployment' ? 'Run workflow and wait' : `Generate ${media} and wait`,
		description: `Start a billed request, wait for the ${media} and download it`,
	}),
	options: [
		maximumWaitOption,
		...deliveryOptions,
		maximumConcurrencyOption,
		maximumRequestsOption,
		cancelSubmittedOption,
		pollIntervalOption,
	],
	async prepare(item, options, read) {
		const itemIndex = item.index;
		const input = await read.readInput(item);
		const waiting = readWaiting(options);
		const delivery = readDelivery(item, options);
		return {
			input,
			async run(run) {
				const limits = run.limits(waiting.maximumWaitMs);
				const { cancelOnStop } = waiting;
				const request = await submitOnce(run, { ...input, itemIndex, cancelOnStop, limits });
				if (request.items) return request.items;

				const { address, fresh, body: submitted } = request;
				const awaited = { itemIndex, address, fresh, waiting, limits };
				const reply = await waitForCompletion(run, awaited).catch(request.fail);
				const { model } = input;
				const { prompt } = input.input as { prompt?: unknown };
				const done = { itemIndex, address, reply, submitted, model, prompt };
				const items = await deliver(run, { ...done, options: delivery });
				request.finish(items);
				return items;
			},
		};
	},
};
