import type { FileSource } from './attachFiles';

/** True for the text of a data URI, whatever it holds. */
export function isDataUri(text: string): boolean {
	return /^\s*data:/i.test(text);
}

/** True for an https URL. */
export function isHttpsUrl(text: string): boolean {
	return /^\s*https:\/\//i.test(text) && URL.canParse(text.trim());
}

/** True for how JSON names a binary field of the item: `{ "binary": "data" }`. */
export function namesBinaryField(value: unknown): value is { binary: string } {
	if (typeof value !== 'object' || value === null) return false;
	const names = Object.keys(value);
	return (
		names.length === 1 &&
		'binary' in value &&
		typeof value.binary === 'string' &&
		value.binary.trim() !== ''
	);
}

/** The file that a value names; undefined for any other value. */
export function fileSourceOf(value: unknown): FileSource | undefined {
	if (namesBinaryField(value)) return { binary: value.binary };
	return typeof value === 'string' && isDataUri(value) ? { dataUri: value } : undefined;
}
