import { RunComfyError } from '../api/errors';
import { ALL_FORMATS, typeOf, type MediaType } from './formats';
import type { MediaKind } from './media';
import { formatsOf, isText } from './signature';

/** What is said about a file by others than itself. */
export interface Hints {
	contentType: string | undefined;
	/** Where it came from in the end. */
	url: URL;
	/** The field of the output that named it. */
	kind: MediaKind;
}

/**
 * Tells what a downloaded file is. Its first bytes decide. Where they leave a choice (sound or
 * pictures in the same container), the Content-Type, the URL's ending and the output's field choose, in
 * this order; where they are of no known format, a type of media that is not known here is believed.
 *
 * @param head the first 512 bytes, or the whole of a shorter file
 * @throws RunComfyError `downloadFailed` when the file is empty, text, or not what it is said to be
 */
export function mediaTypeOf(head: Uint8Array, hints: Hints): MediaType {
	if (head.length === 0) throw failed('the file is empty');
	if (isText(head)) throw failed('a web page or text, not media');
	const said = hints.contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
	const ending = /\.(\w{1,8})$/.exec(hints.url.pathname)?.[1]?.toLowerCase() ?? '';

	const formats = formatsOf(head);
	const format =
		formats.find(({ mimeTypes }) => mimeTypes.includes(said)) ??
		formats.find(({ endings }) => endings.includes(ending)) ??
		formats.find(({ kind }) => kind === hints.kind) ??
		formats[0];
	const type = format ? typeOf(format) : believed(said);
	if (!type) throw failed('the bytes are of no known video, image or audio format');
	return type;
}

/** A type of media that is not in the table, under no name of it: of one that is, the bytes would have told. */
function believed(said: string): MediaType | undefined {
	const subtype = /^(?:video|image|audio)\/(?:[\w.-]*[.-])?(\w{1,8})$/.exec(said)?.[1];
	if (subtype === undefined) return undefined;
	const known = ALL_FORMATS.some(
		({ mimeTypes, endings }) => mimeTypes.includes(said) || endings.includes(subtype),
	);
	return known ? undefined : { mimeType: said, ending: subtype };
}

function failed(detail: string): RunComfyError {
	return new RunComfyError('downloadFailed', { detail });
}
