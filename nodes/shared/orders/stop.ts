import { RunComfyError } from '../api/errors';
import type { Clock } from '../api/http';
import { onAbort } from '../connection/linkedAbort';

/** How long a stopped run waits for the answer to a paid POST, or to a cancel, in ms. */
export const STOP_GRACE_MS = 5_000;

/** What ends a run of the node before its work is done. */
export interface Stop {
	/** Ends every wait: the execution was stopped or timed out, or another item failed. */
	readonly signal: AbortSignal;
	/** Ends the wait for the answer to a paid POST, which is never cut off itself. */
	readonly graceSignal: AbortSignal;
	/** Whether the execution itself was stopped or timed out. */
	readonly executionStopped: boolean;
	/** Ends the waits of all items, because one has failed and nothing catches its error. */
	endWaits(): void;
	/** Lets go of the execution's signal. To be called when the run is over. */
	release(): void;
}

/**
 * @param execution the signal of n8n's execution: aborted by Stop and by the execution timeout
 * (n8n 2.41.1), not by a shutdown of n8n
 */
export function createStop(execution: AbortSignal | undefined, clock: Clock): Stop {
	const waits = new AbortController();
	const posts = new AbortController();
	const over = new AbortController();
	const reason = new RunComfyError('stopped');

	const letGo = onAbort(execution, () => {
		waits.abort(reason);
		clock.sleep(STOP_GRACE_MS, over.signal).then(
			() => posts.abort(reason),
			() => undefined,
		);
	});

	return {
		signal: waits.signal,
		graceSignal: posts.signal,
		get executionStopped() {
			return execution?.aborted === true;
		},
		endWaits: () => waits.abort(reason),
		release() {
			letGo();
			over.abort();
		},
	};
}
