import type { RunComfyClient } from './client';
import { detailOf } from './detail';
import { RunComfyError } from './errors';
import type { CallLimits, Clock } from './http';
import type { Follower } from './pace';
import type { RequestReply } from './replies';

export interface WaitOptions {
	/** Says when to look. */
	follower: Follower;
	includeCost: boolean;
	/** `deadline` is the end of the wait. */
	limits: CallLimits;
	/** Told of every change of the status, with the answer that showed it. */
	onChange?: (reply: RequestReply) => void;
}

/**
 * Waits until a request is completed and fetches its result.
 *
 * @returns the answer of `result`, in state `completed`
 * @throws RunComfyError `failed` or `cancelled` when the request ended so, `timedOut` at the deadline,
 * `stopped` when the signal ends the wait, or what `status` and `result` reject with
 */
export async function waitForCompletion(
	client: RunComfyClient,
	clock: Clock,
	requestId: string,
	{ follower, includeCost, limits, onChange }: WaitOptions,
): Promise<RequestReply> {
	const startedAt = clock.now();
	let seen = '';

	await follower.firstLook(limits.signal);
	for (;;) {
		const reply = await client.status(requestId, limits);
		const state = `${reply.status} ${reply.queuePosition ?? ''}`;
		if (state !== seen) onChange?.(reply);
		seen = state;
		if (reply.state === 'cancelled') return completed(requestId, reply);
		if (isEnded(reply)) {
			const result = await client.result(requestId, includeCost, limits);
			if (isEnded(result)) {
				if (result.state === 'completed') follower.completed();
				return completed(requestId, result);
			}
		}
		if (clock.now() >= limits.deadline) {
			throw new RunComfyError('timedOut', {
				requestId,
				status: reply.status,
				waitedMs: clock.now() - startedAt,
			});
		}
		await follower.nextLook(reply.state === 'queued', limits.deadline, limits.signal);
	}
}

/**
 * Passes a completed request on and turns any other end into its error.
 *
 * @throws RunComfyError `cancelled`, or `failed` with RunComfy's own words
 */
export function completed(requestId: string, reply: RequestReply): RequestReply {
	if (reply.state === 'completed') return reply;
	throw new RunComfyError(reply.state === 'cancelled' ? 'cancelled' : 'failed', {
		requestId,
		status: reply.status,
		...detailOf(reply.body),
	});
}

/** True when a request has ended, well or badly, so that no further look can change the answer. */
export function isEnded({ state }: RequestReply): boolean {
	return state === 'completed' || state === 'failed' || state === 'cancelled';
}
