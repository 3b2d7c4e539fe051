/** Bytes of UTF-8. File systems take 255; what a store or an upload puts before or behind needs room. */
const LONGEST = 200;
/** Names that Windows keeps for devices, with anything behind a dot. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
const ENDINGS =
	/\.(mp4|m4v|mov|webm|mkv|avi|png|jpe?g|webp|gif|avif|heic|bmp|mp3|m4a|wav|ogg|flac|aac)$/i;

/**
 * Makes a file name that is safe on every system and in every upload: no path, no control or reserved
 * characters, no leading dot, at most 200 bytes, and with the ending of the file's true type.
 *
 * @param wanted what the user asked for, with or without ending
 * @param fallback used when nothing is left of `wanted`
 * @param ending the right ending, without the dot
 * @param place which of several files this is, from 0; absent for a single one
 */
export function safeFileName(
	wanted: string,
	fallback: string,
	ending: string,
	place?: number,
): string {
	const tail = `${place === undefined ? '' : `-${place + 1}`}.${ending}`;
	const room = LONGEST - byteLength(tail);
	const stem = cleaned(withoutEnding(wanted, ending), room) || cleaned(fallback, room) || 'video';
	return `${stem}${tail}`;
}

function withoutEnding(name: string, ending: string): string {
	const trimmed = name.trim();
	return trimmed.toLowerCase().endsWith(`.${ending}`)
		? trimmed.slice(0, -ending.length - 1)
		: trimmed.replace(ENDINGS, '');
}

function cleaned(name: string, room: number): string {
	const safe = name
		.normalize('NFC')
		// Control, format and half characters: invisible, or able to turn a name around.
		.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
		.replace(/(^|[\\/])(\.*[\\/])+/g, '$1')
		.replace(/[\\/:*?"<>|]+/g, '_')
		.replace(/\s+/g, ' ')
		.replace(/^[.\s]+/, '')
		.replace(RESERVED, '_$1');
	return cut(safe, room).replace(/[.\s]+$/, '');
}

/** As many whole characters, as a reader counts them, as there is room for in bytes. */
function cut(text: string, room: number): string {
	let end = 0;
	let bytes = 0;
	for (const { segment, index } of new Intl.Segmenter().segment(text)) {
		bytes += byteLength(segment);
		if (bytes > room) break;
		end = index + segment.length;
	}
	return text.slice(0, end);
}

function byteLength(text: string): number {
	return new TextEncoder().encode(text).length;
}
