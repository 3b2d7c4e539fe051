import { jsonParse, type IBinaryData } from 'n8n-workflow';
import { isDataUri } from '../api/dataUri';
import { parseUrl } from '../api/url';
import { isObject } from '../parameters/jsonText';
import { isBlank } from '../parameters/values';

/** Where a file comes from: a binary field of the item, n8n's own data of a file, or a data URI. */
export type FileSource = { binary: string } | { stored: IBinaryData } | { dataUri: string };

/** What stands where a file should: a public URL, a file, or a fault as the rest of "must be …, but …". */
export type GivenFile = { url: string } | { source: FileSource } | { fault: string };

const LONGEST_FIELD_NAME = 200;
/** Pages that show a file and are none, and where their file is. */
const PAGES: Array<[RegExp, string]> = [
	[
		/^https:\/\/drive\.google\.com\/(?:file\/d\/|open\?)/i,
		'a page of Google Drive: share the file with everyone who has the link, and give https://drive.google.com/uc?export=download&id=… with its ID',
	],
	[/^https:\/\/(?:www\.)?dropbox\.com\/.*[?&]dl=0/i, 'a page of Dropbox: set dl=1 at its end'],
];

/** Reads a value where a file should be, as `unwrapFile` gives it. */
export function readFile(value: unknown): GivenFile {
	if (typeof value === 'string') return readText(value);
	const source = fileObject(value);
	if (source) return { source };
	return typeof value === 'object'
		? { fault: ': give the name of the field, such as data, and not what is in it' }
		: { fault: `, but is ${String(value)}` };
}

function readText(text: string): GivenFile {
	const fault = faultOfUrl(text);
	if (fault) return { fault: `, but is ${fault}` };
	if (/^https:/i.test(text)) return { url: text.replace(/^https/i, 'https') };
	if (isDataUri(text)) return { source: { dataUri: text } };
	const isAddress = text.includes('://');
	if (!isAddress && text.length <= LONGEST_FIELD_NAME) return { source: { binary: text } };
	return isAddress && !text.includes('\n')
		? { fault: ', but is another address' }
		: {
				fault: `, but is text of ${text.length} characters: base64 needs data:, its type and ;base64, in front`,
			};
}

/**
 * The file that an object is: `{ "binary": "data" }`, or what `$binary.data` gives in an expression (n8n 2.41.1: all but
 * the contents). Undefined for any other value.
 */
export function fileObject(value: unknown): FileSource | undefined {
	if (!isObject(value)) return undefined;
	const { binary, mimeType, id, data, fileExtension, fileName } = value;
	const isOnly = Object.keys(value).length === 1;
	if (isOnly && typeof binary === 'string' && !isBlank(binary)) return { binary };
	const isStored = typeof id === 'string' || typeof data === 'string';
	const isNamed = fileExtension !== undefined || fileName !== undefined;
	return typeof mimeType === 'string' && (isStored || isNamed)
		? { stored: value as unknown as IBinaryData }
		: undefined;
}

/** What people have at hand for a file: text with blanks around it, JSON as text, a list of one, an attachment. */
export function unwrapFile(value: unknown): unknown {
	if (Array.isArray(value) && value.length === 1) return unwrapFile(value[0]);
	if (isObject(value) && typeof value.url === 'string' && value.url !== '') return value.url.trim();
	if (typeof value !== 'string') return value;
	if (isBlank(value)) return '';
	const parsed = parsedText(value);
	return typeof parsed === 'string' ? parsed : unwrapFile(parsed);
}

/** The files that a text lists: as JSON, a line each, or with commas between. A single one is a list too. */
export function listFiles(value: unknown): unknown {
	if (isObject(value)) return [value];
	if (Array.isArray(value) && value.every((entry) => typeof entry === 'string' && isBlank(entry))) {
		return [];
	}
	if (typeof value !== 'string') return value;
	const parsed = parsedText(value);
	return typeof parsed === 'string' ? parsed.split('\n').flatMap(partsOfLine) : [parsed].flat();
}

/** What the JSON of a list or an object says; any other text without the blanks around it. */
function parsedText(value: string): unknown {
	const text = value.trim();
	return /^[[{]/.test(text) ? jsonParse<unknown>(text, { fallbackValue: text }) : text;
}

/** The parts of a line between commas; one inside a URL belongs to it, unless a name or an address follows. */
function partsOfLine(line: string): string[] {
	const parts: string[][] = [];
	for (const part of line.split(',')) {
		const whole = parts.at(-1);
		const isUrl = whole?.[0]?.includes('://') ?? false;
		const goesOn =
			(whole?.length === 1 && /^\s*data:/i.test(whole[0] ?? '')) ||
			(isUrl && /[./?&=%]/.test(part) && !/^\s|^(?:https?|data):/i.test(part));
		if (goesOn) whole?.push(part);
		else parts.push([part]);
	}
	return parts.map((part) => part.join(',').trim()).filter((part) => !isBlank(part));
}

/** True for one https URL that a server elsewhere may open. */
export function isHttpsUrl(text: string): boolean {
	return /^https:\/\//i.test(text) && faultOfUrl(text) === undefined;
}

/** What keeps a URL from being opened by a server elsewhere; undefined for one that may work, and for a text that is no URL. */
function faultOfUrl(text: string): string | undefined {
	if (/^file:/i.test(text))
		return 'a path on one machine: read the file first, and name its binary field';
	if (!/^https?:\/\//i.test(text)) return undefined;
	if (/\s/.test(text)) {
		return 'a URL with a space or line break inside: give one URL, with %20 for a space';
	}
	if (/,https?:\/\//i.test(text)) return 'more than one URL: give one';
	if (/^http:/i.test(text)) return 'an http URL';
	const url = parseUrl(text);
	if (!url) return 'not a valid URL';
	const { username, password, hostname } = url;
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
