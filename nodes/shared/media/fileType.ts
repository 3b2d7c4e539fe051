import { RunComfyError } from '../api/errors';
import {
	ALL_FORMATS,
	formatsOf,
	HEAD_BYTES,
	isText,
	kindOfType,
	typeOf,
	type MediaType,
} from './formats';
import type { MediaKind } from './media';

export interface Hints {
	contentType: string | undefined;
	/** Where it came from, behind all redirects. */
	url: URL;
	/** What the field of the output that named it says. */
	kind?: MediaKind | undefined;
}

const UNKNOWN_TYPE = 'application/octet-stream';
/** HTML, and the XML with which stores of files refuse a call. */
const ERROR_PAGES = ['html', 'head', 'body', 'error'];
const SVG: MediaType = { mimeType: 'image/svg+xml', ending: 'svg' };

/**
 * Tells what a downloaded file is. Its first bytes decide. Where they leave a choice (sound or
 * pictures in the same container), the Content-Type, the URL's ending and the output's field choose, in
 * this order; where they are of no format that is known here, the server is believed.
 *
 * @param bytes the file, or at least its first 512 bytes
 * @throws RunComfyError `downloadFailed` for an empty file, and for an error message in the place of a file
 */
export function fileTypeOf(bytes: Uint8Array, hints: Hints): MediaType {
	const head = bytes.subarray(0, HEAD_BYTES);
	if (head.length === 0) throw failed('the file is empty');
	const said = typeSaid(hints.contentType);
	const ending = /\.(\w{1,12})$/.exec(hints.url.pathname)?.[1]?.toLowerCase() ?? '';
	if (isText(head)) return textType(new TextDecoder().decode(head), said, ending, hints.kind);
	const formats = formatsOf(head);
	const format =
		formats.find(({ mimeTypes }) => mimeTypes.includes(said)) ??
		formats.find(({ endings }) => endings.includes(ending)) ??
		formats.find((known) => kindOfType(known.mimeTypes[0]) === hints.kind) ??
		formats[0];
	return format ? typeOf(format) : typeAsSaid(said, ending);
}

function textType(
	text: string,
	said: string,
	ending: string,
	kind: MediaKind | undefined,
): MediaType {
	const root = rootOf(text);
	if (root === 'svg' || (root === undefined && said === SVG.mimeType)) return SVG;
	if (said === 'text/html' || ERROR_PAGES.includes(root ?? ''))
		throw failed('a web page or an error message, not the file');
	if (saysMedia(said, ending, kind)) throw failed('text, not media');
	return typeAsSaid(said, ending);
}

export function kindOfEnding(address: string): MediaKind | undefined {
	const ending = /\.(\w{1,8})(?=$|[?#])/.exec(address)?.[1]?.toLowerCase() ?? '';
	const format = ALL_FORMATS.find(({ endings }) => endings.includes(ending));
	return format && kindOfType(format.mimeTypes[0]);
}

function typeSaid(contentType = ''): string {
	const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
	return /^[\w.+-]{1,40}\/[\w.+-]{1,100}$/.test(type) ? type : UNKNOWN_TYPE;
}

/** The first element of markup, or what its doctype says; undefined for any other text. */
function rootOf(text: string): string | undefined {
	const markup = text.replace(/<!--[^]*?(?:-->|$)|<\?[^>]*>/g, '').trim();
	return /^<(?:!doctype\s+)?([a-z][\w:-]*)/i.exec(markup)?.[1]?.toLowerCase();
}

/** Whether text is not what was to come: by the URL's ending, or else by the server or the output's field. */
function saysMedia(said: string, ending: string, kind: MediaKind | undefined): boolean {
	if (ending) return ALL_FORMATS.some(({ endings }) => endings.includes(ending));
	return kind !== undefined || kindOfType(said) !== undefined;
}

function typeAsSaid(said: string, ending: string): MediaType {
	const known = ALL_FORMATS.find(({ mimeTypes }) => mimeTypes.includes(said));
	if (known) return { ...typeOf(known), mimeType: said };
	const [, subtype] = /\/(?:x-)?(\w{1,8})(?:\+\w{1,8})?$/.exec(said) ?? [];
	return { mimeType: said, ending: ending || (said === 'text/plain' ? 'txt' : (subtype ?? 'bin')) };
}

function failed(detail: string): RunComfyError {
	return new RunComfyError('downloadFailed', { detail });
}
