import { RunComfyError } from '../api/errors';
import type { Clock } from '../api/http';

const WINDOW_MS = 30_000;
/** A thousandth of what a household's line brings; at this pace ten megabytes take three hours. */
const LEAST_BYTES_IN_WINDOW = 30_000;
/** What every file may take, however small: a minute is not rare where twenty share a slow line. */
const GRACE_MS = 300_000;
/** Beyond the grace a file may take the time that it needs at this pace: 20 MB half an hour. */
const LEAST_BYTES_PER_SECOND = 10_000;

export interface Pace {
	/** Bytes have arrived; what follows is the time of the one who reads them. */
	count(bytes: number): void;
	wait(): void;
	end(): void;
}

/**
 * Bounds the time that a download waits for the network, from now on: it has stalled when fewer than
 * 30 kB come in 30 s, and is too slow when it has taken more than five minutes and a second for every
 * 10 kB that have come. So a file's longest time grows with its size.
 *
 * @param onFault told once, with a `downloadFailed`
 */
export function measurePace(clock: Clock, onFault: (fault: RunComfyError) => void): Pace {
	const ended = new AbortController();
	let received = 0;
	let waitedMs = 0;
	let waitingSince: number | undefined = clock.now();
	const waited = () => waitedMs + (waitingSince === undefined ? 0 : clock.now() - waitingSince);
	void watch();
	return {
		count(bytes) {
			received += bytes;
			waitedMs = waited();
			waitingSince = undefined;
		},
		wait() {
			waitingSince = clock.now();
		},
		end: () => ended.abort('ended'),
	};

	async function watch(): Promise<void> {
		let receivedBefore = 0;
		let windowEndMs = WINDOW_MS;
		for (;;) {
			const leftMs = waitingSince === undefined ? WINDOW_MS : windowEndMs - waited();
			await clock.sleep(leftMs, ended.signal).catch(() => undefined);
			if (ended.signal.aborted) return;
			const tookMs = waited();
			if (tookMs < windowEndMs) continue;
			const bytes = received - receivedBefore;
			if (bytes < LEAST_BYTES_IN_WINDOW) {
				return fail(`the download stalled: ${bytes} bytes in ${WINDOW_MS / 1_000} s`);
			}
			if (tookMs > GRACE_MS + (1_000 * received) / LEAST_BYTES_PER_SECOND) {
				const tookS = Math.round(tookMs / 1_000);
				return fail(`the download was too slow: ${received} bytes in ${tookS} s`);
			}
			receivedBefore = received;
			windowEndMs = tookMs + WINDOW_MS;
		}
	}

	function fail(detail: string): void {
		onFault(new RunComfyError('downloadFailed', { detail }));
	}
}
