import type { Clock } from '../../nodes/shared/api/http';

/** A clock that stands still while anybody works, and jumps to the next sleeper when all sleep. */
export class VirtualClock implements Clock {
	private time = 0;
	private readonly sleepers = new Set<{ at: number; wake: () => void }>();

	now = (): number => this.time;

	async sleep(ms: number, signal?: AbortSignal): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			if (signal?.aborted) return reject(signal.reason);
			const onAbort = () => {
				this.sleepers.delete(sleeper);
				reject(signal?.reason);
			};
			const sleeper = {
				at: this.time + ms,
				wake: () => {
					signal?.removeEventListener('abort', onAbort);
					resolve();
				},
			};
			this.sleepers.add(sleeper);
			signal?.addEventListener('abort', onAbort, { once: true });
		});
	}

	/** Lets time pass until nobody sleeps any more. */
	async run(): Promise<void> {
		for (;;) {
			await new Promise((resolve) => setImmediate(resolve));
			let next: { at: number; wake: () => void } | undefined;
			for (const sleeper of this.sleepers) if (!next || sleeper.at < next.at) next = sleeper;
			if (!next) return;
			this.sleepers.delete(next);
			this.time = Math.max(this.time, next.at);
			next.wake();
		}
	}
}
