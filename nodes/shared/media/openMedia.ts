import type { IExecuteFunctions } from 'n8n-workflow';
import { invalidInput, RunComfyError } from '../api/errors';
import { parseUrl } from '../api/url';
import { isSecure } from '../connection/credential';
import { onAbort } from '../connection/linkedAbort';
import type { Readable } from './checkedBody';

const MOST_REDIRECTS = 5;
const RUNCOMFY_HOSTS = ['runcomfy.net', 'runcomfy.com'];

export interface OpenRules {
	apiHost: string;
	allowedHosts: string[];
	signal: AbortSignal;
}

export interface OpenMedia {
	url: URL;
	headers: Record<string, string | undefined>;
	body: Readable;
}

/**
 * Asks for a file, without the token. Every hop of a redirect is checked before it is followed.
 *
 * @throws RunComfyError `downloadRefused`; `downloadFailed` for any answer but a file
 */
export async function openMedia(
	helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'>,
	address: string,
	{ signal, ...rules }: OpenRules,
): Promise<OpenMedia> {
	let url = checkMediaUrl(address, rules);
	for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
		const { statusCode, headers, body } = (await helpers.httpRequest({
			method: 'GET',
			url: url.href,
			headers: { 'Accept-Encoding': 'identity' },
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			abortSignal: signal,
		})) as Omit<OpenMedia, 'url'> & { statusCode: number };
		// There may be no listener when a body ends: after a Stop, or when its file is refused.
		body.on('error', () => undefined);
		// 203 is a file that a proxy has passed on (RFC 9110, 15.3.4).
		if (statusCode === 200 || statusCode === 203) {
			onAbort(signal, (reason) => body.destroy(reason as Error));
			return { url, headers, body };
		}
		body.destroy();
		const next = statusCode >= 300 && statusCode < 400 ? headers.location : undefined;
		if (next === undefined) throw new RunComfyError('downloadFailed', { httpStatus: statusCode });
		url = checkMediaUrl(next, { base: url, ...rules });
	}
	throw new RunComfyError('downloadFailed', { detail: 'too many redirects' });
}

/**
 * Checks that a file may be fetched from a URL: https on an allowed host and port, or whatever the credential's
 * own host and port serve.
 *
 * @param base what a relative redirect is relative to
 * @param rules hosts as `URL.host` writes them; those under an allowed one are allowed too
 * @returns the URL as the parser understood it, so that the same is checked and fetched
 * @throws RunComfyError `downloadRefused`
 */
export function checkMediaUrl(
	text: string,
	{ base, apiHost, allowedHosts }: { base?: URL; apiHost: string; allowedHosts: string[] },
): URL {
	const url = parseUrl(text, base);
	const refuse = (detail: string) => new RunComfyError('downloadRefused', { url: text, detail });

	if (!url) throw refuse('it is not a URL');
	const { host, hostname } = url;
	const own = host === apiHost;
	if (url.protocol !== 'https:' && !(own && isSecure(url))) throw refuse('it is not https');
	if (url.username || url.password) throw refuse('it contains a user name or password');
	if (own) return url;
	if (isIpAddress(hostname)) throw refuse('its host is an IP address');
	const allowed = [...RUNCOMFY_HOSTS, ...allowedHosts];
	if (allowed.some((known) => isUnder(host, known))) return url;
	const isKnown = allowed.some((known) => isUnder(hostname, known.replace(/:\d+$/, '')));
	const [what, which] = isKnown
		? [`its port ${url.port || '443'}`, host]
		: [`its host ${hostname}`, 'it'];
	throw refuse(`${what} is not allowed: if you trust it, add ${which} to 'Allowed Download Hosts'`);
}

function isUnder(host: string, known: string): boolean {
	return host === known || host.endsWith(`.${known}`);
}

/**
 * Reads a list of hosts, separated by commas or spaces. Each may be written as people have it at hand: with a
 * scheme and a slash, a port, `*.` in front, a dot behind, in any case and script.
 *
 * @returns them as `URL.host` writes them: with a port where it is not that of https
 * @throws RunComfyError `invalidInput`, naming the first entry that is no host
 */
export function parseHosts(list: string): string[] {
	return list
		.split(/[\s,;]+/)
		.filter(Boolean)
		.map(parseHost);
}

function parseHost(entry: string): string {
	// Files come by https, whatever the scheme is that the entry was copied with.
	const text = `https://${entry.replace(/^(https?:\/\/)?(\*?\.)?/i, '')}`;
	const url = parseUrl(text);
	const refuse = (why: string) =>
		invalidInput(
			`Allowed Download Hosts must name hosts such as cdn.example.com, but "${entry.slice(0, 100)}" ${why}`,
		);

	if (!url) throw refuse('is not one');
	if (url.username || url.password) throw refuse('contains a user name or password');
	if (url.pathname !== '/' || url.search || url.hash) throw refuse('is more than a host');
	const hostname = url.hostname.replace(/\.$/, '');
	if (isIpAddress(hostname)) throw refuse('is an IP address');
	if (!/^[\w-]+(\.[\w-]+)*$/.test(hostname)) throw refuse('is not one');
	return url.port ? `${hostname}:${url.port}` : hostname;
}

/** The URL parser has brought every spelling of an IPv4 address into four decimal numbers. */
function isIpAddress(hostname: string): boolean {
	return hostname.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}
