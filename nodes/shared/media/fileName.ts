import { ALL_FORMATS } from './formats';

/** Bytes of UTF-8. File systems take 255; what a store or an upload puts before or behind needs room. */
const LONGEST = 200;
/** Names that Windows keeps for devices, with anything behind a dot. */
const RESERVED = /^(con|conin\$|conout\$|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?=\s*(\.|$))/i;
const ENDINGS = new Set(ALL_FORMATS.flatMap(({ endings }) => endings));

/**
 * Makes a file name that is safe on every system and in every upload: no path, no control or reserved
 * characters, no leading dot, at most 200 bytes. `place` tells several files apart, from 0.
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

function withoutEnding(name: string, right: string): string {
	const trimmed = name.trim();
	const dot = trimmed.lastIndexOf('.');
	const ending = trimmed.slice(dot + 1).toLowerCase();
	return dot >= 0 && (ending === right || ENDINGS.has(ending)) ? trimmed.slice(0, dot) : trimmed;
}

function cleaned(name: string, room: number): string {
	const safe = name
		.normalize('NFC')
		.replace(/\s+/g, ' ')
		// Control, format and half characters: invisible, or able to turn a name around.
		.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
		.replace(/(^|[\\/])(\.*[\\/])+/g, '$1')
		.replace(/[\\/:*?"<>|]+/g, '_')
		.replace(/^[.\s]+/, '')
		.replace(RESERVED, '_$1');
	return cut(safe, room).replace(/(?<![.\s])[.\s]+$/, '');
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
