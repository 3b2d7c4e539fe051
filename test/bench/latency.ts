import { seeded } from '../fixtures/seeded';

const JITTER = 0.2;

/**
 * A network, as far as the benchmark has one: how long it holds back one answer after another, in ms,
 * each by itself and up to a fifth more or less than the mean.
 *
 * The whole round trip is put before the answer, at the server: what a call asks for is done when it
 * arrives, a job begins with its POST, and calls wait side by side. Of a real network this leaves out
 * the way of the request (a job begins half a round trip later), the handshakes of new connections
 * (TCP and TLS: two round trips more), bandwidth, loss, and limits on connections.
 */
export function networkLatency(meanMs: number, seed: number): () => number {
	const random = seeded(seed);
	return () => meanMs * (1 + JITTER * (2 * random() - 1));
}
