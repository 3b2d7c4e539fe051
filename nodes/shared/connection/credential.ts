import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';

export interface ApiAccess {
	/** Without a slash at the end. */
	baseUrl: string;
	/** As `URL.host`, with a port. */
	host: string;
	token: string;
}

/**
 * @throws RunComfyError `invalidCredential` when the token is missing or would break the header, or
 * when the base URL is neither https nor http on loopback, or the URL of one call of the API
 */
export function readCredential(data: ICredentialDataDecryptedObject): ApiAccess {
	const token = String(data.apiToken ?? '').trim();
	if (!token) throw invalid('the API token is empty');
	if (!/^[\x21-\x7e]+$/.test(token)) {
		throw invalid(
			'the API token contains a space or an invalid character. Paste the token only, without "Bearer"',
		);
	}
	const baseUrl = String(data.baseUrl ?? '').trim();
	const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
	if (!url) throw invalid('the base URL is not a URL. It must start with https://');
	if (url.username || url.password || url.search || url.hash) {
		throw invalid('the base URL may only contain a scheme, a host, a port and a path');
	}
	if (!isSecure(url)) {
		throw invalid(
			'the base URL must start with https:// (http:// only works for this machine itself)',
		);
	}
	// The API's paths start with /v1 themselves; a base URL that ends with it means the same.
	const path = url.pathname.split('/').filter(Boolean);
	if (path.at(-1)?.toLowerCase() === 'v1') path.pop();
	if (path.some((part) => part.toLowerCase() === 'v1')) {
		throw invalid(`the base URL must end before /v1, as in ${url.origin}`);
	}
	return { baseUrl: [url.origin, ...path].join('/'), host: url.host, token };
}

/** True for https, and for http to this machine itself. */
export function isSecure({ protocol, hostname }: URL): boolean {
	const isLoopback =
		hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
	return protocol === 'https:' || (protocol === 'http:' && isLoopback);
}

function invalid(detail: string): RunComfyError {
	return new RunComfyError('invalidCredential', { detail });
}
