/** Node's calls of a connection that is not there yet: the name is looked up, the socket connects. */
const BEFORE_CONNECTION = new Set(['getaddrinfo', 'connect']);

const NEVER_BEGUN = new Set(['ERR_INVALID_URL']);

const BLOCKED_BY_N8N = new Set(['SsrfBlockedIpError', 'SsrfBlockedHostnameError']);

interface NetworkError {
	name?: unknown;
	code?: unknown;
	syscall?: unknown;
	cause?: unknown;
	errors?: unknown;
	request?: {
		protocol?: unknown;
		socket?: { encrypted?: unknown; secureConnecting?: unknown } | null;
	};
	response?: { status?: unknown };
}

/**
 * True when a call certainly ended in the connect phase: no connection, no way through a proxy, no agreement on TLS,
 * or stopped by n8n. A code alone does not tell: `EHOSTUNREACH` and `EPROTO` also end calls that were sent.
 */
export function neverSent(error: unknown): boolean {
	if (typeof error !== 'object' || error === null) return false;
	const { name, code, syscall, cause, errors, request }: NetworkError = error;
	if (BLOCKED_BY_N8N.has(String(name)) || NEVER_BEGUN.has(String(code))) return true;
	if (request?.protocol === 'https:' && isUnsecured(request.socket)) return true;
	if (Array.isArray(errors) && errors.length > 0) return errors.every(neverSent);
	return BEFORE_CONNECTION.has(String(syscall)) || neverSent(cause);
}

/**
 * Whether an https call has no socket yet on which TLS is agreed on; until then all of it stays in Node's buffer.
 * Node (24) sets the socket of a request before it sends, and leaves it there. A proxy agent (https-proxy-agent 7)
 * gives a plain one, from which the proxy's refusal of CONNECT is read.
 */
function isUnsecured(socket: NonNullable<NetworkError['request']>['socket']): boolean {
	if (socket === undefined) return false;
	return socket?.encrypted !== true || socket.secureConnecting === true;
}

/** The network's code of an error (`ECONNRESET`, `ETIMEDOUT`, …), or a short text when it has none. */
export function networkCode(error: unknown): string {
	const { name, code, cause, response } = (error ?? {}) as NetworkError;
	if (typeof response?.status === 'number') return `HTTP status ${response.status} of a proxy`;
	if (typeof code === 'string') return code;
	if (BLOCKED_BY_N8N.has(String(name))) return 'blocked by the SSRF protection of n8n';
	return cause === undefined ? 'network error' : networkCode(cause);
}
