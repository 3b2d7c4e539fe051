import { submitOnce } from '../requests/submitOnce';
import { replyItem, type Operation } from './operation';
import { maximumConcurrencyOption, maximumRequestsOption } from './options';
import { cancelSubmittedOption, maximumSubmitTimeOption, readSubmitting } from './waiting';

export const submit: Operation = {
	value: 'submit',
	ofRequest: false,
	name: 'Submit Request',
	words: (media, target) => ({
		action: target === 'deployment' ? 'Submit workflow request' : `Submit ${media} request`,
		description: `Start a billed request and return its ID immediately, without waiting for the ${media}`,
	}),
	options: [
		maximumSubmitTimeOption,
		maximumConcurrencyOption,
		maximumRequestsOption,
		cancelSubmittedOption,
	],
	async prepare(item, options, read) {
		const itemIndex = item.index;
		const input = await read.readInput(item);
		const { maximumWaitMs, cancelOnStop } = readSubmitting(options);
		return {
			input,
			async run(run) {
				const limits = run.limits(maximumWaitMs);
				const request = { ...input, itemIndex, cancelOnStop, limits };
				const { body, address } = await submitOnce(run, request);
				return [replyItem(body, address, itemIndex)];
			},
		};
	},
};
