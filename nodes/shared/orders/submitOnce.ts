import pLimit from 'p-limit';
import type { RunComfyClient, Submission } from '../api/client';
import { RunComfyError } from '../api/errors';
import type { Clock } from '../api/http';
import type { OpenRequests } from './openRequests';
import type { RequestMemory } from './requestMemory';
import type { RunLog } from './runLog';
import type { Stop } from './stop';
import type { WaitingOptions } from './waitForCompletion';

/** What one item asks for, checked and ready to send: a paid request. */
export interface ItemInput {
	itemIndex: number;
	model: string;
	input: object;
	/** `maximumWaitMs` bounds how long a 429 may hold the submit back. */
	waiting: WaitingOptions;
}

/** A submitted request. */
export interface Submitted extends Submission {
	/** False when it was picked up from an earlier try. */
	fresh: boolean;
	/**
	 * Notes how the request went wrong, and throws the error on. One that has failed or was cancelled is
	 * forgotten, so that a retry submits anew; but when the failure is handed on as an item it is an
	 * answer, and kept: n8n (2.41.1) runs a node with Retry On Fail again when its first item has an
	 * `error`, and that must not pay a second time.
	 */
	fail(error: unknown): never;
}

/**
 * Submits the input of an item at most once in an execution. What an earlier try of the same run has
 * submitted is picked up; what was sent and not answered is not sent again.
 *
 * Rejects as `RunComfyClient.submit`, and with `stopped`; `failed` or `cancelled` for a request whose
 * failure was already handed on as an item.
 */
export type SubmitOnce = (item: ItemInput) => Promise<Submitted>;

export interface SubmitParts {
	client: Pick<RunComfyClient, 'submit'>;
	clock: Clock;
	memory: RequestMemory;
	requests: OpenRequests;
	stop: Pick<Stop, 'signal' | 'graceSignal'>;
	log: RunLog;
	baseUrl: string;
	/** Whether a failed item becomes an item, so that the others go on. */
	continueOnFail: boolean;
}

export function createSubmitOnce(parts: SubmitParts): SubmitOnce {
	const { client, clock, memory, requests, stop, log, baseUrl, continueOnFail } = parts;
	/** One item submits at a time, in the order of asking. */
	const inTurn = pLimit(1);

	return async ({ itemIndex, model, input, waiting }) => {
		const slot = memory.slot(itemIndex, { baseUrl, model, input });
		const { kept } = slot;
		if (kept?.state === 'failed') throw new RunComfyError(kept.kind, kept.facts);
		if (kept?.state === 'sending') throw new RunComfyError('outcomeUnknown', { model });
		if (kept?.state === 'submitted') {
			log.info(`request ${kept.requestId} of item ${itemIndex} is picked up again`);
			return opened(kept, false);
		}
		return await inTurn(async () => {
			stop.signal.throwIfAborted();
			slot.keep({ state: 'sending' });
			const limits = {
				deadline: clock.now() + waiting.maximumWaitMs,
				signal: stop.signal,
				callSignal: stop.graceSignal,
			};
			const submission = await client.submit(model, input, limits).catch((error: unknown) => {
				const lost = error instanceof RunComfyError && error.kind === 'outcomeUnknown';
				if (!lost) slot.forget();
				throw error;
			});
			slot.keep({ state: 'submitted', ...submission });
			log.info(`request ${submission.requestId} of item ${itemIndex} is submitted`);
			return opened(submission, true);
		});

		function opened({ requestId, body }: Submission, fresh: boolean): Submitted {
			requests.add(itemIndex, { requestId, cancelOnStop: waiting.cancelOnStop });
			return {
				requestId,
				body,
				fresh,
				fail(error) {
					if (error instanceof RunComfyError) {
						const { kind, facts } = error;
						if (kind === 'failed' || kind === 'cancelled') {
							if (continueOnFail) slot.keep({ state: 'failed', kind, facts });
							else slot.forget();
						}
					}
					throw error;
				},
			};
		}
	};
}
