import { RunComfyError } from '../api/errors';
import type { Clock } from '../api/http';

const WINDOW_MS = 30_000;
/** A thousandth of what a household's line brings; at this pace ten megabytes take three hours. */
const LEAST_BYTES_IN_WINDOW = 30_000;
/** What every file may take, however small: a minute is not rare where twenty share a slow line. */
const GRACE_MS = 300_000;
/** Beyond the grace a file may take the time that it needs at this pace: 20 MB half an hour. */
const LEAST_BYTES_PER_SECOND = 10_000;

/** Measures one download against the time that it may take. Begins with waiting for the first bytes. */
export interface Pace {
	/** Bytes have arrived; what follows is the time of the one who reads them. */
	count(bytes: number): void;
	/** More bytes are waited for. */
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
	void watch().then((detail) => {
		if (detail !== undefined) onFault(new RunComfyError('downloadFailed', { detail }));
	});
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

	function waited(): number {
		return waitedMs + (waitingSince === undefined ? 0 : clock.now() - waitingSince);
	}

	async function watch(): Promise<string | undefined> {
		for (;;) {
			const receivedBefore = received;
			const windowEndMs = waited() + WINDOW_MS;
			while (waited() < windowEndMs) {
				const leftMs = waitingSince === undefined ? WINDOW_MS : windowEndMs - waited();
				const passed = await clock.sleep(leftMs, ended.signal).then(
					() => true,
					() => false,
				);
				if (!passed) return undefined;
			}
			const came = received - receivedBefore;
			if (came < LEAST_BYTES_IN_WINDOW) {
				return `the download stalled: ${came} bytes in ${WINDOW_MS / 1_000} s`;
			}
			const tookMs = waited();
			if (tookMs > GRACE_MS + (1_000 * received) / LEAST_BYTES_PER_SECOND) {
				return `the download was too slow: ${received} bytes in ${Math.round(tookMs / 1_000)} s`;
			}
		}
	}
}
