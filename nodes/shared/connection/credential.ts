import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { parseUrl } from '../api/url';
import type { Target } from '../api/routes';

/** RunComfy's two APIs: what their base URL is called, where it is, and what their paths begin with. */
const APIS: Record<Target, { field: string; label: string; usual: string; prefix: string[] }> = {
	model: { field: 'baseUrl', label: 'base URL', usual: '', prefix: ['v1'] },
	deployment: {
		field: 'serverlessBaseUrl',
		label: 'serverless base URL',
		usual: 'https://api.runcomfy.net',
		prefix: ['prod', 'v2'],
	},
};

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
export function readCredential(
	data: ICredentialDataDecryptedObject,
	target: Target = 'model',
): ApiAccess {
	const { field, label, usual, prefix } = APIS[target];
	const token = String(data.apiToken ?? '').trim();
	if (!token) throw invalid('the API token is empty');
	if (!/^[\x21-\x7e]+$/.test(token)) {
		throw invalid(
			'the API token contains a space or an invalid character. Paste the token only, without "Bearer"',
		);
	}
	// A credential of an earlier version has no second one.
	const baseUrl = String(data[field] ?? usual).trim();
	const url = parseUrl(baseUrl);
	if (!url) throw invalid(`the ${label} is not a URL. It must start with https://`);
	if (url.username || url.password || url.search || url.hash) {
		throw invalid(`the ${label} may only contain a scheme, a host, a port and a path`);
	}
	if (!isSecure(url)) {
		throw invalid(
			`the ${label} must start with https:// (http:// only works for this machine itself)`,
		);
	}
	// The API's paths start with /v1 themselves; a base URL that ends with it means the same.
	const path = url.pathname.split('/').filter(Boolean);
	const isPrefix = (parts: string[]) => parts.join('/').toLowerCase() === prefix.join('/');
	if (isPrefix(path.slice(-prefix.length))) path.splice(-prefix.length);
	if (path.some((part) => part.toLowerCase() === prefix.at(-1))) {
		throw invalid(`the ${label} must end before /${prefix.join('/')}, as in ${url.origin}`);
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
