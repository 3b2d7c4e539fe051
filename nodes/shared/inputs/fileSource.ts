import { isDataUri } from '../media/dataUri';

/** Where a file comes from: a binary field of the item, or a data URI. */
export type FileSource = { binary: string } | { dataUri: string };

/** True for one https URL, without a login in it. */
export function isHttpsUrl(text: string): boolean {
	const url = text.trim();
	return /^https:\/\/\S+$/i.test(url) && URL.canParse(url) && !hasLogin(new URL(url));
}

/** What keeps a text from being such a URL, as the end of "but is …"; undefined for what is no URL. */
export function describeUrl(text: string): string | undefined {
	const url = text.trim();
	if (!/^https?:\/\//i.test(url)) return undefined;
	if (/\s/.test(url))
		return 'a URL with a space or line break inside: give one URL, with %20 for a space';
	if (/^http:/i.test(url)) return 'an http URL';
	return URL.canParse(url) && hasLogin(new URL(url)) ? 'a URL with a login in it' : undefined;
}

function hasLogin({ username, password }: URL): boolean {
	return username !== '' || password !== '';
}

/** True for how JSON names a binary field of the item: `{ "binary": "data" }`. */
export function namesBinaryField(value: unknown): value is { binary: string } {
	if (typeof value !== 'object' || value === null || !('binary' in value)) return false;
	const { binary } = value;
	const isOnly = Object.keys(value).length === 1;
	return isOnly && typeof binary === 'string' && binary.trim() !== '';
}

/** The file that a value names; undefined for any other value. */
export function fileSourceOf(value: unknown): FileSource | undefined {
	if (namesBinaryField(value)) return { binary: value.binary };
	return typeof value === 'string' && isDataUri(value) ? { dataUri: value } : undefined;
}
