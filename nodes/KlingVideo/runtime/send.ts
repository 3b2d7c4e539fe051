import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import type { Send } from '../api/http';
import { withAbort } from './clock';
import type { ApiAccess } from './credential';

/** What the sender needs of n8n. */
export type HttpRequestHelper = Pick<IExecuteFunctions['helpers'], 'httpRequest'>;

/**
 * Sends API calls with n8n's `httpRequest`, which brings the host's proxy and network rules.
 *
 * The token is set here and not by `httpRequestWithAuthentication`, because that helper (n8n 2.41.1)
 * sends a request twice after a 401, a paid one too, and replaces the abort signal by the execution's,
 * so that after a Stop no cancel could be sent.
 */
export function createSend(helpers: HttpRequestHelper, { baseUrl, token }: ApiAccess): Send {
	return async ({ method, path, body, timeoutMs, signal }) => {
		signal?.throwIfAborted();
		const ended = new AbortController();
		const overdue = AbortSignal.timeout(timeoutMs);
		const onOverdue = () =>
			ended.abort(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
		const onSignal = () => ended.abort(signal?.reason);
		overdue.addEventListener('abort', onOverdue, { once: true });
		signal?.addEventListener('abort', onSignal, { once: true });
		const options: IHttpRequestOptions = {
			method,
			url: `${baseUrl}${path}`,
			headers: {
				Authorization: `Bearer ${token}`,
				Accept: 'application/json',
				...(body && { 'Content-Type': 'application/json' }),
			},
			...(body && { body: body as IHttpRequestOptions['body'] }),
			encoding: 'text',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout: timeoutMs,
			abortSignal: ended.signal,
		};
		try {
			const response = await withAbort(helpers.httpRequest(options), ended.signal);
			return {
				status: response.statusCode,
				headers: lowerCased(response.headers),
				body:
					typeof response.body === 'string' ? response.body : JSON.stringify(response.body ?? ''),
			};
		} finally {
			overdue.removeEventListener('abort', onOverdue);
			signal?.removeEventListener('abort', onSignal);
		}
	};
}

function lowerCased(headers: Record<string, unknown> = {}): Record<string, string | undefined> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
	);
}
