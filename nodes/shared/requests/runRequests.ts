import type { IContextObject } from 'n8n-workflow';
import { PASSING_ERRORS } from '../api/call';
import type { RunComfyClient } from '../api/client';
import { RunComfyError } from '../api/errors';
import type { Clock } from '../api/http';
import type { RequestReply, RequestState } from '../api/replies';
import type { RequestAddress } from '../api/routes';
import { onAbort } from '../connection/linkedAbort';
import { startTimer } from '../connection/clock';
import type { MemoryEntry, RequestMemory } from './requestMemory';
import type { RunLog } from './runLog';

const GRACE_MS = 30_000;
/** What each further one adds: about as far apart as the backoff after a 429 can make them. */
const GRACE_FOR_EACH_MS = 10_000;
const LONGEST_STOP_MS = 600_000;

const NOT_SAID =
	"RunComfy did not say whether the request is cancelled. Check it with 'Get Request Status'.";

const OUTCOME_OF_CANCEL: Record<RequestState, string> = {
	cancelled: 'The request is cancelled.',
	cancelling:
		"RunComfy is cancelling the request, which has not ended yet. Check it with 'Get Request Status'.",
	queued: 'RunComfy did not cancel the request: it is still queued. Try again.',
	running:
		'The request is already running and can no longer be cancelled. It will finish and be charged.',
	completed: 'The request had already finished and can no longer be cancelled.',
	failed: 'The request had already failed, so there is nothing to cancel.',
	unfinished: NOT_SAID,
	unknown: NOT_SAID,
};
const STILL_RUNNING =
	'RunComfy did not cancel the request: it is still running, and goes on using machine time. Try again.';

/** What a cancel has come to, by the state of the request behind it. A deployment's can be cancelled while it runs. */
export function outcomeOfCancel(state: RequestState, { deploymentId }: RequestAddress): string {
	return state === 'running' && deploymentId !== undefined
		? STILL_RUNNING
		: OUTCOME_OF_CANCEL[state];
}

const OUTCOME_WITHOUT_CANCEL = {
	leftAlone:
		"'Cancel on Stop' is off, so the request goes on. Collect it with 'Get Request Result'.",
	noAnswer: "The cancellation could not be confirmed. Check the request with 'Get Request Status'.",
	completed:
		"The request had finished, but its output was not passed on. Collect it with 'Get Request Result'.",
	failed: 'The request had failed.',
};

interface RunRequest {
	itemIndex: number;
	address: RequestAddress;
	cancelOnStop: boolean;
	/** What the memory keeps of it: forgotten when it is cancelled, so that the next try does not wait for it. */
	entry?: MemoryEntry;
	ended?: 'completed' | 'failed' | undefined;
}

interface Shared {
	waiting: Map<string, () => void>;
	settled: Map<string, Promise<void>>;
}

const sharedBy = new WeakMap<IContextObject, Shared>();

/** The requests of one run by request id: what a Stop has to settle, and an error has to name. */
export class RunRequests {
	readonly #requests = new Map<string, RunRequest>();
	readonly #shared: Shared;

	/** @param canceller a client for nothing but cancels, which queue at its rate limit and not behind the run's */
	constructor(
		context: IContextObject,
		private readonly memory: RequestMemory,
		private readonly canceller: RunComfyClient,
		private readonly clock: Clock,
		private readonly log: Pick<RunLog, 'info'>,
	) {
		this.#shared = sharedBy.get(context) ?? { waiting: new Map(), settled: new Map() };
		sharedBy.set(context, this.#shared);
		for (const entry of memory.left) {
			const { item: itemIndex, request } = entry;
			if (request?.status !== 'submitted' && request?.status !== 'finished') continue;
			const { address, cancelOnStop, status } = request;
			const ended = status === 'finished' ? 'completed' : undefined;
			this.#requests.set(address.requestId, { itemIndex, address, cancelOnStop, entry, ended });
		}
	}

	add(request: RunRequest): void {
		const { requestId } = request.address;
		this.#shared.waiting.get(requestId)?.();
		this.#requests.set(requestId, { ...request });
	}

	end(requestId: string, how: 'completed' | 'failed'): void {
		const request = this.#requests.get(requestId);
		if (request) request.ended = how;
	}

	/** Those that have not failed. */
	get addresses(): RequestAddress[] {
		const requests = [...this.#requests.values()];
		return requests.filter(({ ended }) => ended !== 'failed').map(({ address }) => address);
	}

	/**
	 * After a Stop: cancels the requests of an item, or of all, that may still be queued, and logs what became of them.
	 * Does so once in all tries, and never rejects.
	 */
	async settle(itemIndex?: number): Promise<void> {
		const requests = [...this.#requests.values()];
		const own = requests.filter((one) => itemIndex === undefined || one.itemIndex === itemIndex);
		await Promise.all(own.map(async (request) => await this.#settleOnce(request)));
	}

	/** At the end of a run without output: settles the requests when the execution is stopped before the next try. */
	leaveToNextTry(execution: AbortSignal | undefined): void {
		const { waiting } = this.#shared;
		for (const [requestId, request] of this.#requests) {
			if (request.ended || waiting.has(requestId)) continue;
			const release = onAbort(execution, () => void this.#settleOnce(request));
			waiting.set(requestId, () => {
				release();
				waiting.delete(requestId);
			});
		}
	}

	async #settleOnce(request: RunRequest): Promise<void> {
		const { settled } = this.#shared;
		const { requestId } = request.address;
		const settling = settled.get(requestId) ?? this.#settleNow(request);
		settled.set(requestId, settling);
		await settling;
	}

	async #settleNow(request: RunRequest): Promise<void> {
		const how = request.ended ?? (request.cancelOnStop ? undefined : 'leftAlone');
		const text = how ? OUTCOME_WITHOUT_CANCEL[how] : await this.#cancel(request);
		this.log.info(`stopped. Request ${request.address.requestId}: ${text}`, request.itemIndex);
	}

	/** Comes again when a server that is busy or limits calls says when, for ten minutes in all. */
	async #cancel({ address, entry }: RunRequest): Promise<string> {
		const { clock } = this;
		const lastTryAt = clock.now() + LONGEST_STOP_MS;
		for (;;) {
			const answer = await this.#cancelInTime(address).catch((error: unknown) => ({ error }));
			if ('state' in answer) {
				if (answer.state === 'cancelled' && entry) this.memory.forget(entry);
				return outcomeOfCancel(answer.state, address);
			}
			const { error } = answer;
			const mayPass = error instanceof RunComfyError && PASSING_ERRORS.includes(error.kind);
			const waitMs = mayPass ? error.facts.retryAfterMs : undefined;
			if (!waitMs || clock.now() + waitMs > lastTryAt) return OUTCOME_WITHOUT_CANCEL.noAnswer;
			await clock.sleep(waitMs);
		}
	}

	async #cancelInTime(address: RequestAddress): Promise<RequestReply> {
		const graceMs = GRACE_MS + GRACE_FOR_EACH_MS * (this.#requests.size - 1);
		const grace = new AbortController();
		const endTimer = startTimer(this.clock, graceMs, () =>
			grace.abort(new Error('the grace of the stop is over')),
		);
		const limits = { deadline: this.clock.now() + graceMs, signal: grace.signal };
		return await this.canceller.cancel(address, limits).finally(endTimer);
	}
}
