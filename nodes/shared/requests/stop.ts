import { RunComfyError } from '../api/errors';
import { onAbort } from '../connection/linkedAbort';

export class Stop {
	readonly #waits = new AbortController();
	/** Lets go of the execution's signal, when the run is over. */
	readonly release: () => void;

	/** @param execution aborted by Stop and by the execution timeout (n8n 2.41.1), not by a shutdown of n8n */
	constructor(readonly execution: AbortSignal | undefined) {
		this.release = onAbort(execution, () => this.endWaits());
	}

	/** Ends every wait: the execution was stopped or timed out, or another item failed. */
	get signal(): AbortSignal {
		return this.#waits.signal;
	}

	get executionStopped(): boolean {
		return this.execution?.aborted === true;
	}

	/** Ends the waits of all items, because one has failed and nothing catches its error. */
	endWaits(): void {
		this.#waits.abort(new RunComfyError('stopped'));
	}
}
