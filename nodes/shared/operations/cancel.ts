import { cancelRequest } from '../api/cancelRequest';
import { readRequestId } from './readOptions';
import { OUTCOME_OF_CANCEL } from '../requests/requestOutcome';
import { SHORT_PATIENCE_MS } from './openRun';
import type { Operation } from './operation';
import { replyItem } from './replyItem';

export const cancel: Operation = {
	value: 'cancel',
	name: 'Cancel Request',
	words: () => ({
		action: 'Cancel request',
		description: 'Cancel a request that is still queued. A running one can no longer be cancelled.',
	}),
	prepare(item) {
		const requestId = readRequestId(item);
		return {
			async run({ client, limits }) {
				const { state, body } = await cancelRequest(client, requestId, limits(SHORT_PATIENCE_MS));
				const verdict = { cancelled: state === 'cancelled', message: OUTCOME_OF_CANCEL[state] };
				return [replyItem({ request_id: requestId, ...body, ...verdict }, item.index)];
			},
		};
	},
};
