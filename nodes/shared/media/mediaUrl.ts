import { RunComfyError } from '../api/errors';
import { isLoopback } from '../connection/credential';

/** RunComfy's own hosts for files; what lies under them is allowed too. */
const RUNCOMFY_HOSTS = ['runcomfy.net', 'runcomfy.com'];

/**
 * Checks that a file may be fetched from a URL, before a connection is made: https with the default
 * port on an allowed host. The credential's own host and port are allowed as they are, with http when
 * that is this machine itself.
 *
 * @param text the URL as RunComfy or a redirect gave it
 * @param base what a relative redirect is relative to
 * @param apiHost host of the credential, with its port where it names one
 * @param allowedHosts further hosts, in lower case, without port
 * @returns the URL as the parser understood it, so that the same is checked and fetched
 * @throws RunComfyError `downloadRefused`
 */
export function checkMediaUrl(
	text: string,
	{ base, apiHost, allowedHosts }: { base?: URL; apiHost: string; allowedHosts: string[] },
): URL {
	const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
	const refuse = (detail: string) => new RunComfyError('downloadRefused', { url: text, detail });

	if (!url) throw refuse('it is not a URL');
	const own = url.host === apiHost;
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && own && isLoopback(url.hostname))) {
		throw refuse('it is not https');
	}
	if (url.username || url.password) throw refuse('it holds a user name or password');
	if (own) return url;
	if (url.port) throw refuse('it names a port');
	if (isIpAddress(url.hostname)) throw refuse('its host is an IP address');
	const allowed = [...RUNCOMFY_HOSTS, ...allowedHosts].some(
		(host) => url.hostname === host || url.hostname.endsWith(`.${host}`),
	);
	if (!allowed) throw refuse(`its host ${url.hostname} is not on the list of allowed hosts`);
	return url;
}

/** Splits the option's list of hosts, separated by commas or spaces. `*.` in front is understood. */
export function parseHosts(list: string): string[] {
	return list
		.toLowerCase()
		.split(/[\s,;]+/)
		.map((host) => host.replace(/^\*?\.+/, ''))
		.filter(Boolean);
}

/** The URL parser has brought every spelling of an IPv4 address into four decimal numbers. */
function isIpAddress(hostname: string): boolean {
	return hostname.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}
