import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';
import type { Clock, Send } from '../api/http';
import { neverSent } from '../api/network';
import { startTimer } from './clock';
import type { ApiAccess } from './credential';
import { linkedAbort, withAbort } from './linkedAbort';

/** A shorter one is none of RunComfy's, and could be a word of the answer. */
const SHORTEST_TOKEN = 12;
/** Within this, in ms, n8n's own rejection follows an abort. */
const MOMENT_MS = 100;
/** With these n8n rejects, so that the socket tells whose answer it is: a proxy has them for its CONNECT too. */
const SERVER_ERRORS = Array.from({ length: 100 }, (_, index) => 500 + index);

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
		const timedOut = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
		const endTimer = startTimer(clock, timeoutMs, () => call.abort(timedOut));
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
			ignoreHttpStatusErrors: { ignore: true, except: SERVER_ERRORS },
			disableFollowRedirect: true,
			timeout: timeoutMs,
			abortSignal: call.signal,
		};
		try {
			const sent = helpers.httpRequest(options);
			const response = await withAbort(sent, call.signal).catch(async (error: unknown) => {
				if (error !== timedOut) return answerOf(error);
				// Only n8n's own rejection has the socket, which tells whether anything was sent.
				const rejected = sent.catch((own: unknown) => own);
				timedOut.cause = await Promise.race([rejected, clock.sleep(MOMENT_MS)]);
				throw timedOut;
			});
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

/** The complete answer that n8n has rejected with, unless it is a proxy's, so that the call was never sent. */
function answerOf(error: unknown): IN8nHttpFullResponse {
	const { response } = (error ?? {}) as {
		response?: { status: number; headers: IDataObject; data: unknown };
	};
	const isWhole = response && response.status >= 500 && typeof response.data === 'string';
	if (!isWhole || neverSent(error)) throw error;
	const { status: statusCode, headers, data: body } = response;
	return { statusCode, headers, body: body as string };
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
