import { invalidInput, RunComfyError } from '../api/errors';
import { isSecure } from '../connection/credential';

/** A host that files may come from, with all hosts under it. */
export interface AllowedHost {
	hostname: string;
	/** Empty for the default port of https. */
	port: string;
}

const RUNCOMFY_HOSTS: AllowedHost[] = [
	{ hostname: 'runcomfy.net', port: '' },
	{ hostname: 'runcomfy.com', port: '' },
];

/**
 * Checks that a file may be fetched from a URL, before a connection is made: https on an allowed host
 * and port. The credential's own host and port are allowed as they are, with http when that is this
 * machine itself.
 *
 * @param base what a relative redirect is relative to
 * @param apiHost host of the credential, with its port where it names one
 * @returns the URL as the parser understood it, so that the same is checked and fetched
 * @throws RunComfyError `downloadRefused`
 */
export function checkMediaUrl(
	text: string,
	{ base, apiHost, allowedHosts }: { base?: URL; apiHost: string; allowedHosts: AllowedHost[] },
): URL {
	const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
	const refuse = (detail: string) => new RunComfyError('downloadRefused', { url: text, detail });

	if (!url) throw refuse('it is not a URL');
	const own = url.host === apiHost;
	if (url.protocol !== 'https:' && !(own && isSecure(url))) throw refuse('it is not https');
	if (url.username || url.password) throw refuse('it contains a user name or password');
	if (own) return url;
	if (isIpAddress(url.hostname)) throw refuse('its host is an IP address');
	const hosts = [...RUNCOMFY_HOSTS, ...allowedHosts].filter(
		({ hostname }) => url.hostname === hostname || url.hostname.endsWith(`.${hostname}`),
	);
	if (hosts.length === 0) {
		throw refuse(
			`its host ${url.hostname} is not allowed: if you trust it, add it to 'Allowed Download Hosts'`,
		);
	}
	if (!hosts.some(({ port }) => port === url.port)) {
		throw refuse(
			`its port ${url.port || '443'} is not allowed: if you trust it, add ${url.host} to 'Allowed Download Hosts'`,
		);
	}
	return url;
}

/**
 * Reads a list of hosts, separated by commas or spaces. Each may be written as people have it at hand: with a
 * scheme and a slash, a port, `*.` in front, a dot behind, in any case and script.
 *
 * @throws RunComfyError `invalidInput`, naming the first entry that is no host
 */
export function parseHosts(list: string): AllowedHost[] {
	return list
		.split(/[\s,;]+/)
		.filter(Boolean)
		.map(parseHost);
}

function parseHost(entry: string): AllowedHost {
	// Files come by https, whatever the scheme is that the entry was copied with.
	const text = `https://${entry.replace(/^(https?:\/\/)?(\*?\.)?/i, '')}`;
	const url = URL.canParse(text) ? new URL(text) : undefined;
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
	return { hostname, port: url.port };
}

/** The URL parser has brought every spelling of an IPv4 address into four decimal numbers. */
function isIpAddress(hostname: string): boolean {
	return hostname.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}
