import type { RequestState } from '../api/replies';

const NOT_SAID = 'RunComfy did not say whether the request is cancelled. Check it with Get Status.';

/** What became of a request that was asked to be cancelled, as the user reads it. */
export const OUTCOME_OF_CANCEL: Record<RequestState, string> = {
	cancelled: 'The request was still queued and is cancelled.',
	queued: 'The request is still queued although it was asked to be cancelled. Try again.',
	running:
		'The request is already running and can no longer be cancelled. It will finish and be charged.',
	completed: 'The request had already finished and can no longer be cancelled.',
	failed: 'The request had already failed; there is nothing to cancel.',
	unfinished: NOT_SAID,
	unknown: NOT_SAID,
};

/** The same where no cancel was sent, or nothing came back. */
export const OUTCOME_WITHOUT_CANCEL = {
	leftAlone: 'The request was left alone, as the option says. Get it with Get Result.',
	noAnswer:
		'It was tried to cancel the request, but RunComfy did not confirm it. Check it with Get Status.',
	completed:
		'The request had finished, but its output was not handed over. Get it with Get Result.',
	failed: 'The request had failed.',
} as const;
