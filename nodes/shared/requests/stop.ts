import { RunComfyError } from '../api/errors';
import { onAbort } from '../connection/linkedAbort';

export class Stop {
	readonly #waits = new AbortController();
	readonly release: () => void;

	/** @param execution aborted by Stop and by the execution timeout (n8n 2.41.1), not by a shutdown of n8n */
	constructor(readonly execution: AbortSignal | undefined) {
		this.release = onAbort(execution, () => this.endWaits());
	}

	/** Aborted when the execution is stopped or times out, or another item has failed and nothing catches its error. */
	get signal(): AbortSignal {
		return this.#waits.signal;
	}

	get executionStopped(): boolean {
		return this.execution?.aborted === true;
	}

	endWaits(): void {
		this.#waits.abort(new RunComfyError('stopped'));
	}
}
