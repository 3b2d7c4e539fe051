/** Pages that show a file and are none, and where their file is. */
const PAGES: Array<[RegExp, string]> = [
	[
		/^https:\/\/drive\.google\.com\/(?:file\/d\/|open\?)/i,
		'a page of Google Drive: share the file with everyone who has the link, and give https://drive.google.com/uc?export=download&id=… with its ID',
	],
	[/^https:\/\/(?:www\.)?dropbox\.com\/.*[?&]dl=0/i, 'a page of Dropbox: set dl=1 at its end'],
];

/**
 * What keeps a URL from being opened by a server elsewhere, as the end of "but is …"; undefined for a URL that
 * may work, and for a text that is no URL.
 */
export function faultOfUrl(text: string): string | undefined {
	if (/^file:/i.test(text))
		return 'a path on one machine: read the file first, and name its binary field';
	if (!/^https?:\/\//i.test(text)) return undefined;
	if (/\s/.test(text)) {
		return 'a URL with a space or line break inside: give one URL, with %20 for a space';
	}
	if (/,https?:\/\//i.test(text)) return 'more than one URL: give one';
	if (/^http:/i.test(text)) return 'an http URL';
	if (!URL.canParse(text)) return 'not a valid URL';
	const { username, password, hostname } = new URL(text);
	if (username || password) return 'a URL with a login in it';
	if (isPrivate(hostname)) {
		return 'an address in a private network, which RunComfy cannot open: read the file first, and name its binary field';
	}
	if (text.includes('&amp;')) return 'a URL with &amp; in it: write & alone';
	return PAGES.find(([page]) => page.test(text))?.[1];
}

/** True for the names and addresses of a machine itself or its own network, as the URL parser gives them. */
function isPrivate(host: string): boolean {
	const hostname = host.replace(/\.$/, '');
	if (/^\[(?:::1?\]|f[cd]|fe[89ab])/i.test(hostname)) return true;
	const isIp = /^[\d.]+$/.test(hostname);
	return isIp
		? /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(
				hostname,
			)
		: !hostname.includes('.') || /\.(?:local|localhost|internal|lan|home\.arpa)$/i.test(hostname);
}
