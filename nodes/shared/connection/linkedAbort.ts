/** An abort controller that follows other signals until it is released. */
export interface LinkedAbort {
	readonly signal: AbortSignal;
	abort(reason: unknown): void;
	release(): void;
}

/**
 * Aborts when any of the signals does, with its reason. `AbortSignal.any` would do the same, but keeps
 * its followers alive as long as the followed signal lives (nodejs/node#54614), and a run has one
 * signal for thousands of calls.
 */
export function linkedAbort(...signals: Array<AbortSignal | undefined>): LinkedAbort {
	const controller = new AbortController();
	const releases = signals.map((signal) => onAbort(signal, (reason) => controller.abort(reason)));
	return {
		signal: controller.signal,
		abort: (reason) => controller.abort(reason),
		release: () => releases.forEach((release) => release()),
	};
}

/** Calls back once when a signal is aborted, at once when it already is; gives what takes the callback off. */
export function onAbort(
	signal: AbortSignal | undefined,
	callback: (reason: unknown) => void,
): () => void {
	if (!signal) return () => undefined;
	const listener = () => callback(signal.reason);
	if (signal.aborted) listener();
	else signal.addEventListener('abort', listener, { once: true });
	return () => signal.removeEventListener('abort', listener);
}

/** Settles as the promise does, or rejects with the signal's reason as soon as it is aborted. */
export async function withAbort<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
	let release = () => {};
	const aborted = new Promise<never>((_, reject) => (release = onAbort(signal, reject)));
	return await Promise.race([promise, aborted]).finally(release);
}
