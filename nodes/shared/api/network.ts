/**
 * Node's error codes for a call that ended before a byte of it could leave: name not resolved,
 * connection refused or impossible, certificate not accepted.
 */
const NEVER_SENT = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'ENETUNREACH',
	'EHOSTUNREACH',
	'ERR_INVALID_URL',
	'CERT_HAS_EXPIRED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** True when the call certainly did not reach the server. In doubt: false. */
export function neverSent(error: unknown): boolean {
	return NEVER_SENT.has(networkCode(error));
}

/** The network's code of an error (`ECONNRESET`, `ETIMEDOUT`, …), or a plain word when it has none. */
export function networkCode(error: unknown): string {
	const code = (error as { code?: unknown } | undefined)?.code;
	return typeof code === 'string' ? code : 'network error';
}
