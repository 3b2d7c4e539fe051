import { cancelRequest } from '../api/cancelRequest';
import type { RequestState } from '../api/replies';
import { asItem } from '../runtime/asItem';
import { readRequestId } from '../runtime/readOptions';
import { defineOperation } from './operation';

const MESSAGES: Record<RequestState, string> = {
	cancelled: 'The request was still queued and is cancelled.',
	queued: 'The request is still queued although it was asked to be cancelled. Try again.',
	running:
		'The request is already running and can no longer be cancelled. It will finish and be charged.',
	completed: 'The request had already finished and can no longer be cancelled.',
	failed: 'The request had already failed; there is nothing to cancel.',
	unknown: 'RunComfy did not say whether the request is cancelled. Look again with Get Status.',
};

export const cancel = defineOperation({
	option: {
		name: 'Cancel',
		value: 'cancel',
		action: 'Cancel a request',
		description: 'Cancel a request that is still queued; a running one can no longer be cancelled',
	},
	prepare: (context, itemIndex) => ({ itemIndex, requestId: readRequestId(context, itemIndex) }),
	async run(session, { itemIndex, requestId }) {
		const { state, reply } = await cancelRequest(session.client, requestId, session.shortLimits());
		const verdict = { cancelled: state === 'cancelled', message: MESSAGES[state] };
		return [asItem({ request_id: requestId, ...reply.body, ...verdict }, itemIndex)];
	},
});
