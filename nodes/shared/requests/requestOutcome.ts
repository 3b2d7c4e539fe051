import type { RequestState } from '../api/replies';

const NOT_SAID =
	"RunComfy did not say whether the request is cancelled. Check it with 'Get Request Status'.";

/** What became of a request that was asked to be cancelled, as the user reads it. */
export const OUTCOME_OF_CANCEL: Record<RequestState, string> = {
	cancelled: 'The request was still queued and is cancelled.',
	queued: 'RunComfy did not cancel the request: it is still queued. Try again.',
	running:
		'The request is already running and can no longer be cancelled. It will finish and be charged.',
	completed: 'The request had already finished and can no longer be cancelled.',
	failed: 'The request had already failed, so there is nothing to cancel.',
	unfinished: NOT_SAID,
	refused: NOT_SAID,
	unknown: NOT_SAID,
};

export const OUTCOME_WITHOUT_CANCEL = {
	leftAlone:
		"'Cancel on Stop' is off, so the request goes on. Collect it with 'Get Request Result'.",
	noAnswer: "The cancellation could not be confirmed. Check the request with 'Get Request Status'.",
	completed:
		"The request had finished, but its output was not passed on. Collect it with 'Get Request Result'.",
	failed: 'The request had failed.',
} as const;
