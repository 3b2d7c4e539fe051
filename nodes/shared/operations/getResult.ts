import type { INodeProperties } from 'n8n-workflow';
import { isEnded } from '../api/client';
import { deliver } from '../media/deliver';
import { readSwitch } from '../parameters/values';
import { throwUnlessCompleted, waitForCompletion } from '../requests/waitForCompletion';
import { deliveryOptions, readDelivery } from './delivery';
import { replyItem, showFor, type Operation } from './operation';
import { maximumConcurrencyOption } from './options';
import {
	cancelCollectedOption,
	maximumWaitOption,
	pollIntervalOption,
	readWaiting,
} from './waiting';

export const waitForCompletionField = (media: string): INodeProperties => ({
	displayName: 'Wait for Completion',
	name: 'waitForCompletion',
	type: 'boolean',
	default: false,
	displayOptions: showFor(['getResult']),
	description: `Whether to wait until the ${media} is ready. When off, an unfinished request returns its current status.`,
});

export const getResult: Operation = {
	value: 'getResult',
	ofRequest: true,
	name: 'Get Request Result',
	words: (media) => ({
		action: 'Get request result',
		description: `Retrieve the ${media} of a finished request. Not billed again.`,
	}),
	options: [
		maximumWaitOption,
		...deliveryOptions,
		maximumConcurrencyOption,
		cancelCollectedOption,
		pollIntervalOption,
	],
	prepare(item, options, read) {
		const itemIndex = item.index;
		const address = read.readAddress(item);
		const waits = readSwitch('Wait for Completion', item.value('waitForCompletion'));
		const waiting = readWaiting(options);
		const delivery = readDelivery(item, options);
		return {
			async run(run) {
				run.requests.add({ itemIndex, address, cancelOnStop: waiting.cancelOnStop });
				const limits = waits ? run.limits(waiting.maximumWaitMs) : run.shortLimits();
				const reply = waits
					? await waitForCompletion(run, { itemIndex, address, fresh: false, waiting, limits })
					: await run.client.result(address, limits);
				if (!isEnded(reply)) return [replyItem(reply.body, address, itemIndex)];
				throwUnlessCompleted(address, reply);
				return await deliver(run, { itemIndex, address, reply, options: delivery });
			},
		};
	},
};
