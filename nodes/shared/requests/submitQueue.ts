import { RunComfyError, type ErrorKind } from '../api/errors';
import type { CallLimits, Clock } from '../api/http';
import { linkedAbort } from '../connection/linkedAbort';
import { startTimer } from '../connection/clock';

const MIB = 2 ** 20;
const BUDGET = 96 * MIB;
/** What files are counted for until they are loaded: the most that a request may have, in bytes. */
const MOST_BYTES = 64 * MIB;
const FIRST_WIDTH = 8;
const WIDEST = 64;
/** How long a POST is new, in ms: one that gets no answer must not hold up the others. */
const NEW_MS = 2_000;

/** What refuses all requests, or all of a model: a balance may do for a cheaper one. */
const REFUSES_ACCOUNT: readonly ErrorKind[] = ['unauthorized'];
const REFUSES_MODEL: readonly ErrorKind[] = [
	'insufficientBalance',
	'forbidden',
	'disabled',
	'notFound',
];
const ACCOUNT = '';

export interface QueuedSubmit<Answer> {
	model: string;
	withFiles: boolean;
	limits: CallLimits;
	load(): Promise<Buffer>;
	send(body: Buffer): Promise<Answer>;
	failed(): void;
}

interface Post {
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
	readonly #waiting = new Set<{ bytes: number; enter: (post: Post) => void }>();
	readonly #underWay = new Set<Post>();
	/** By model, or for the whole account, while no request was taken. */
	readonly #refusals = new Map<string, RunComfyError>();

	constructor(private readonly clock: Clock) {}

	/** Settles as `load` and `send` do; rejects with `notSubmitted` at the deadline, or what refused an earlier one. */
	async run<Answer>(submit: QueuedSubmit<Answer>): Promise<Answer> {
		const { model, withFiles, limits } = submit;
		const post = await this.#enter(withFiles ? MOST_BYTES : 0, limits);
		if (!post) {
			limits.signal?.throwIfAborted();
			throw new RunComfyError('notSubmitted', { model });
		}
		return await this.#post(post, submit)
			.catch((error: unknown) => {
				if (!this.#anyTaken && error instanceof RunComfyError) this.#noteRefusal(model, error);
				submit.failed();
				throw error;
			})
			.finally(() => {
				this.#underWay.delete(post);
				this.#admit();
			});
	}

	async #post<Answer>(
		post: Post,
		{ model, limits, load, send }: QueuedSubmit<Answer>,
	): Promise<Answer> {
		limits.signal?.throwIfAborted();
		const refusal = this.#refusals.get(ACCOUNT) ?? this.#refusals.get(model);
		if (refusal) throw refusal;
		const body = await load();
		limits.signal?.throwIfAborted();

		post.bytes = body.length;
		this.#admit();
		const endTimer = startTimer(this.clock, NEW_MS, () => {
			post.isNew = false;
			this.#widenTo(FIRST_WIDTH);
		});
		const answer = await send(body).finally(endTimer);
		this.#anyTaken = true;
		this.#widenTo(Math.max(FIRST_WIDTH, this.#width + 1));
		return answer;
	}

	#noteRefusal(model: string, error: RunComfyError): void {
		if (REFUSES_ACCOUNT.includes(error.kind)) this.#refusals.set(ACCOUNT, error);
		if (REFUSES_MODEL.includes(error.kind)) this.#refusals.set(model, error);
	}

	async #enter(bytes: number, { deadline, signal }: CallLimits): Promise<Post | undefined> {
		if (this.clock.now() >= deadline) return undefined;
		const wait = linkedAbort(signal);
		return await new Promise<Post | undefined>((enter) => {
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
			const post = { isNew: true, bytes };
			this.#underWay.add(post);
			enter(post);
		}
	}

	#hasRoomFor(bytes: number): boolean {
		const underWay = [...this.#underWay];
		const used = underWay.reduce((sum, post) => sum + post.bytes, 0);
		const fits = used === 0 || used + bytes <= BUDGET;
		return fits && underWay.filter(({ isNew }) => isNew).length < this.#width;
	}
}
