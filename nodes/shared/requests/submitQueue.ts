import { RunComfyError, type ErrorKind } from '../api/errors';
import type { CallLimits, Clock } from '../api/http';
import { linkedAbort } from '../connection/linkedAbort';

const MIB = 2 ** 20;
/** What the bodies of all POSTs under way may take, in bytes. */
const BUDGET = 96 * MIB;
/** What a request with files may have at most, in bytes: it counts for that until its files are loaded. */
const MOST_BYTES = 64 * MIB;
/** How many POSTs are new at once when the first one was taken, and at most. */
const FIRST_WIDTH = 8;
const WIDEST = 64;
/** How long a POST is new, in ms: one that gets no answer must not hold up the others. */
const NEW_MS = 2_000;

/** What makes RunComfy refuse every request of an account. */
const REFUSES_ACCOUNT: readonly ErrorKind[] = ['unauthorized', 'insufficientBalance'];
const ACCOUNT = '';

/** A paid POST that waits for its turn. */
export interface QueuedSubmit<Answer> {
	model: string;
	/** Whether its body has files. */
	withFiles: boolean;
	/** Its deadline bounds the wait. */
	limits: CallLimits;
	/** Gives the body, in JSON. */
	load(): Promise<Buffer>;
	send(body: Buffer): Promise<Answer>;
	/** Called when either has failed, before the next one has its turn. */
	failed(): void;
}

/** A POST under way. */
interface Place {
	isNew: boolean;
	bytes: number;
}

/**
 * The paid POSTs of a run, in the order in which they came. The first goes alone for at most two seconds,
 * so that a wrong token or an empty balance costs one call and not a hundred; the others go side by side,
 * one more with each that is taken, as far as their bodies fit into memory.
 */
export class SubmitQueue {
	#width = 1;
	#anyTaken = false;
	readonly #waiting = new Set<{ bytes: number; enter: (place: Place) => void }>();
	readonly #underWay = new Set<Place>();
	/** Refusals that hold for all requests of a model, or of the account, while none was taken. */
	readonly #refusals = new Map<string, RunComfyError>();

	constructor(private readonly clock: Clock) {}

	/**
	 * Sends a POST when its turn has come. Settles as `load` and `send` do, but rejects with `notSubmitted`
	 * at the deadline, with the signal's reason, or with what has refused an earlier one for all.
	 */
	async run<Answer>(submit: QueuedSubmit<Answer>): Promise<Answer> {
		const { model, withFiles, limits, load, send, failed } = submit;
		const place = await this.#enter(withFiles ? MOST_BYTES : 0, limits);
		if (!place) {
			limits.signal?.throwIfAborted();
			throw new RunComfyError('notSubmitted', { model });
		}
		const answered = new AbortController();
		try {
			limits.signal?.throwIfAborted();
			const refusal = this.#refusals.get(ACCOUNT) ?? this.#refusals.get(model);
			if (refusal) throw refusal;
			const body = await load();
			limits.signal?.throwIfAborted();

			place.bytes = body.length;
			this.#admit();
			const isNoLongerNew = () => {
				place.isNew = false;
				this.#widenTo(FIRST_WIDTH);
			};
			this.clock.sleep(NEW_MS, answered.signal).then(isNoLongerNew, () => undefined);
			const answer = await send(body);
			this.#anyTaken = true;
			this.#widenTo(Math.max(FIRST_WIDTH, this.#width + 1));
			return answer;
		} catch (error) {
			if (!this.#anyTaken && error instanceof RunComfyError) this.#noteRefusal(model, error);
			failed();
			throw error;
		} finally {
			answered.abort('answered');
			this.#underWay.delete(place);
			this.#admit();
		}
	}

	#noteRefusal(model: string, error: RunComfyError): void {
		if (REFUSES_ACCOUNT.includes(error.kind)) this.#refusals.set(ACCOUNT, error);
		if (error.kind === 'notFound') this.#refusals.set(model, error);
	}

	/** @returns `undefined` when the deadline or the signal came first */
	async #enter(bytes: number, { deadline, signal }: CallLimits): Promise<Place | undefined> {
		if (this.clock.now() >= deadline) return undefined;
		const wait = linkedAbort(signal);
		return await new Promise<Place | undefined>((enter) => {
			const waiter = { bytes, enter };
			this.#waiting.add(waiter);
			this.#admit();
			if (!this.#waiting.has(waiter)) return;
			const giveUp = () => this.#waiting.delete(waiter) && enter(undefined);
			this.clock.sleep(deadline - this.clock.now(), wait.signal).then(giveUp, giveUp);
		}).finally(() => {
			wait.abort('entered');
			wait.release();
		});
	}

	#widenTo(width: number): void {
		this.#width = Math.min(WIDEST, Math.max(width, this.#width));
		this.#admit();
	}

	#admit(): void {
		for (const waiter of this.#waiting) {
			const { bytes, enter } = waiter;
			if (!this.#hasRoomFor(bytes)) return;
			this.#waiting.delete(waiter);
			const place = { isNew: true, bytes };
			this.#underWay.add(place);
			enter(place);
		}
	}

	#hasRoomFor(bytes: number): boolean {
		const underWay = [...this.#underWay];
		const used = underWay.reduce((sum, place) => sum + place.bytes, 0);
		const fits = used === 0 || used + bytes <= BUDGET;
		return fits && underWay.filter(({ isNew }) => isNew).length < this.#width;
	}
}
