const LONGEST = 120;
/** Names that Windows keeps for devices, with any ending. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * Makes a file name that is safe on every system and in every upload: no path, no control or reserved
 * characters, no leading dot, of bounded length, and with the ending of the file's true type.
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
	const stem = cleaned(withoutEnding(wanted, ending)) || cleaned(fallback) || 'video';
	return `${stem}${place === undefined ? '' : `-${place + 1}`}.${ending}`;
}

function withoutEnding(name: string, ending: string): string {
	const known = new RegExp(`\\.(${ending}|mp4|m4v|mov|webm|png|jpe?g|webp|gif)$`, 'i');
	return name.trim().replace(known, '');
}

function cleaned(name: string): string {
	const stem = Array.from(
		name
			.normalize('NFC')
			// Control, format and half characters: invisible, or able to turn a name around.
			.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
			.replace(/(^|[\\/])(\.*[\\/])+/g, '$1')
			.replace(/[\\/:*?"<>|]+/g, '_')
			.replace(/\s+/g, ' ')
			.trim()
			.replace(/^[.\s]+|[.\s]+$/g, ''),
	)
		.slice(0, LONGEST)
		.join('')
		.trim();
	return RESERVED.test(stem) ? `_${stem}` : stem;
}
