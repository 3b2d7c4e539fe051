import { RunComfyError } from '../api/errors';
import { onAbort } from '../connection/linkedAbort';

/** What ends a run of the node before its work is done. */
export interface Stop {
	/** Ends every wait: the execution was stopped or timed out, or another item failed. */
	readonly signal: AbortSignal;
	/** The signal of n8n's execution, for what only that ends. */
	readonly execution: AbortSignal | undefined;
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
export function createStop(execution: AbortSignal | undefined): Stop {
	const waits = new AbortController();
	const end = () => waits.abort(new RunComfyError('stopped'));
	const release = onAbort(execution, end);
	return {
		signal: waits.signal,
		execution,
		get executionStopped() {
			return execution?.aborted === true;
		},
		endWaits: end,
		release,
	};
}
