import { RunComfyError } from '../api/errors';
import type { Submission } from '../api/client';
import type { ModelInput } from './readInput';
import type { WaitingOptions } from './readOptions';
import type { Session } from './session';

/** A paid order of one item, checked and ready to send. */
export interface SubmitOrder extends ModelInput {
	itemIndex: number;
	/** `maximumWaitMs` bounds how long a 429 may hold the submit back. */
	waiting: WaitingOptions;
}

/** A submitted request; it is not `fresh` when it was picked up from an earlier try. */
export interface Submitted extends Submission {
	fresh: boolean;
}

/**
 * Submits an order at most once in an execution. An order that an earlier try of the same run has
 * submitted is picked up; one whose answer was lost is not sent again.
 *
 * @throws RunComfyError as `RunComfyClient.submit`, and `stopped`; `failed` or `cancelled` for an
 * order whose failure was already handed on as an item
 */
export async function submitOnce(session: Session, order: SubmitOrder): Promise<Submitted> {
	const { memory, stop, client, clock, access } = session;
	const { itemIndex, model, input, waiting } = order;
	const identity = { baseUrl: access.baseUrl, model, input };

	session.secrets.push(...promptsIn(input));
	const kept = memory.find(itemIndex, identity);
	if (kept?.state === 'failed') throw new RunComfyError(kept.kind, kept.facts);
	if (kept?.state === 'submitted') {
		track(kept.requestId);
		session.log(`request ${kept.requestId} of item ${itemIndex} is picked up again`);
		return { requestId: kept.requestId, body: kept.body, fresh: false };
	}
	if (kept?.state === 'sending') throw new RunComfyError('outcomeUnknown', { model });

	return await session.submitTurn(async () => {
		stop.signal.throwIfAborted();
		memory.keep(itemIndex, identity, { state: 'sending' });
		const limits = {
			deadline: clock.now() + waiting.maximumWaitMs,
			signal: stop.signal,
			callSignal: stop.graceSignal,
		};
		const submission = await client.submit(model, input, limits).catch(async (error: unknown) => {
			const lost = error instanceof RunComfyError && error.kind === 'outcomeUnknown';
			if (!lost) memory.forget(itemIndex);
			return await Promise.reject(error);
		});
		memory.keep(itemIndex, identity, { state: 'submitted', ...submission });
		track(submission.requestId);
		session.log(`request ${submission.requestId} of item ${itemIndex} is submitted`);
		return { ...submission, fresh: true };
	});

	function track(requestId: string) {
		session.requests.set(itemIndex, {
			requestId,
			ended: false,
			cancelOnStop: waiting.cancelOnStop,
		});
	}
}

/**
 * Notes how a submitted order went wrong. One that has failed or was cancelled is forgotten, so that a
 * retry is a new order; but when the failure is handed on as an item it is an answer, and kept: n8n
 * (2.41.1) runs a node with Retry On Fail again when its first item has an `error`, and that must not
 * pay a second time.
 */
export function noteFailure(session: Session, order: SubmitOrder, error: unknown): void {
	if (!(error instanceof RunComfyError)) return;
	const { kind, facts } = error;
	if (kind !== 'failed' && kind !== 'cancelled') return;
	const { itemIndex, model, input } = order;
	const identity = { baseUrl: session.access.baseUrl, model, input };
	if (session.continueOnFail)
		session.memory.keep(itemIndex, identity, { state: 'failed', kind, facts });
	else session.memory.forget(itemIndex);
}

function promptsIn(value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap(promptsIn);
	if (typeof value !== 'object' || value === null) return [];
	const {
		prompt,
		negative_prompt: negative,
		multi_prompt: segments,
	} = value as Record<string, unknown>;
	const own = [prompt, negative].filter((text): text is string => typeof text === 'string');
	return [...own, ...promptsIn(segments)];
}
