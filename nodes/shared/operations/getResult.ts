import { fetchResult } from '../api/fetchResult';
import { readDelivery, readRequestId, readWaitForCompletion, readWaiting } from './readOptions';
import { isEnded, throwUnlessCompleted } from '../requests/waitForCompletion';
import { SHORT_PATIENCE_MS } from './openRun';
import type { Operation } from './operation';
import { replyItem } from './replyItem';

export const getResult: Operation = {
	value: 'getResult',
	name: 'Get Request Result',
	words: (makes) => ({
		action: 'Get request result',
		description: `Retrieve the ${makes} of a finished request. Not billed again.`,
	}),
	prepare(item) {
		const itemIndex = item.index;
		const requestId = readRequestId(item);
		const wait = readWaitForCompletion(item);
		const waiting = readWaiting(item);
		const delivery = readDelivery(item);
		return {
			async run({ client, limits, requests, waitForCompletion, deliver }) {
				requests.add(itemIndex, { requestId, cancelOnStop: waiting.cancelOnStop });
				const within = limits(wait ? waiting.maximumWaitMs : SHORT_PATIENCE_MS);
				const reply = wait
					? await waitForCompletion({ itemIndex, requestId, fresh: false, waiting, limits: within })
					: await fetchResult(client, requestId, waiting.includeCost, within);
				if (!isEnded(reply)) return [replyItem(reply.body, itemIndex)];
				throwUnlessCompleted(requestId, reply);
				return await deliver({ itemIndex, requestId, reply, options: delivery });
			},
		};
	},
};
