import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import type { Clock, Send } from '../api/http';
import { startTimer } from './clock';
import type { ApiAccess } from './credential';
import { linkedAbort, withAbort } from './linkedAbort';

/** A shorter one is none of RunComfy's, and could be a word of the answer. */
const SHORTEST_TOKEN = 12;

export type HttpRequestHelper = Pick<IExecuteFunctions['helpers'], 'httpRequest'>;

/**
 * Sends API calls with n8n's `httpRequest`, which brings the host's proxy and network rules. The token is set
 * here, because `httpRequestWithAuthentication` (n8n 2.41.1) replaces the abort signal of a call by the
 * execution's: after a Stop no cancel could be sent, and no call would end at its own timeout.
 */
export function createSend(
	helpers: HttpRequestHelper,
	{ baseUrl, token }: ApiAccess,
	clock: Clock,
): Send {
	return async ({ method, path, body, timeoutMs, signal }) => {
		signal?.throwIfAborted();
		const call = linkedAbort(signal);
		const timeout = () =>
			call.abort(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
		const endTimer = startTimer(clock, timeoutMs, timeout);
		const options: IHttpRequestOptions = {
			method,
			url: `${baseUrl}${path}`,
			headers: {
				Authorization: `Bearer ${token}`,
				Accept: 'application/json',
				...(body && { 'Content-Type': 'application/json' }),
			},
			...(body && { body }),
			encoding: 'text',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout: timeoutMs,
			abortSignal: call.signal,
		};
		try {
			const response = await withAbort(helpers.httpRequest(options), call.signal);
			const text =
				typeof response.body === 'string' ? response.body : JSON.stringify(response.body ?? '');
			return {
				status: response.statusCode,
				headers: lowerCased(response.headers),
				body: withoutToken(text, token),
			};
		} finally {
			endTimer();
			call.release();
		}
	};
}

/** A server may quote the call that it refuses: what comes in without the token can bring it nowhere. */
function withoutToken(text: string, token: string): string {
	return token.length < SHORTEST_TOKEN ? text : text.replaceAll(token, '…');
}

function lowerCased(headers: Record<string, unknown> = {}): Record<string, string | undefined> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
	);
}
