/**
 * An abort controller that follows a signal until it is released. `AbortSignal.any` keeps its followers alive as
 * long as the followed signal lives (nodejs/node#54614), and a run has one signal for thousands of calls.
 */
export function linkedAbort(signal?: AbortSignal): AbortController & { release(): void } {
	const controller = new AbortController();
	const release = onAbort(signal, (reason) => controller.abort(reason));
	return Object.assign(controller, { release });
}

/** What follows each signal: one listener for all, for Node 20 warns of a leak at the eleventh. */
const followersOf = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls back once when a signal is aborted, at once when it already is; gives what takes the callback off. */
export function onAbort(
	signal: AbortSignal | undefined,
	callback: (reason: unknown) => void,
): () => void {
	if (!signal) return () => undefined;
	const follower = () => callback(signal.reason);
	if (signal.aborted) {
		follower();
		return () => undefined;
	}
	const followers = followersOf.get(signal) ?? new Set();
	followersOf.set(signal, followers);
	if (followers.size === 0) signal.addEventListener('abort', callAll, { once: true });
	followers.add(follower);
	return () => {
		if (followers.delete(follower) && followers.size === 0) {
			signal.removeEventListener('abort', callAll);
		}
	};
}

function callAll(this: AbortSignal): void {
	const followers = followersOf.get(this) ?? new Set();
	for (const follower of [...followers]) follower();
	followers.clear();
}

/** Settles as the promise does, or rejects with the signal's reason as soon as it is aborted. */
export async function withAbort<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
	let release = () => {};
	const aborted = new Promise<never>((_, reject) => (release = onAbort(signal, reject)));
	return await Promise.race([promise, aborted]).finally(release);
}
