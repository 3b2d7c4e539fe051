import type { IBinaryData } from 'n8n-workflow';
import { isDataUri } from '../api/dataUri';
import { isObject } from '../parameters/jsonText';

/** Where a file comes from: a binary field of the item, n8n's own data of a file, or a data URI. */
export type FileSource = { binary: string } | { stored: IBinaryData } | { dataUri: string };

/** True for one https URL, without a login in it. */
export function isHttpsUrl(text: string): boolean {
	if (!/^https:\/\/\S+$/i.test(text) || !URL.canParse(text)) return false;
	const { username, password } = new URL(text);
	return username === '' && password === '';
}

/**
 * The file that an object is: `{ "binary": "data" }`, or what `$binary.data` gives in an expression (n8n 2.41.1: all but
 * the contents). Undefined for any other value.
 */
export function fileObject(value: unknown): FileSource | undefined {
	if (!isObject(value)) return undefined;
	const { binary, mimeType, id, data, fileExtension, fileName } = value;
	const isOnly = Object.keys(value).length === 1;
	if (isOnly && typeof binary === 'string' && binary.trim() !== '') return { binary };
	const isStored = typeof id === 'string' || typeof data === 'string';
	const isNamed = fileExtension !== undefined || fileName !== undefined;
	return typeof mimeType === 'string' && (isStored || isNamed)
		? { stored: value as unknown as IBinaryData }
		: undefined;
}

/** The file that a value names; undefined for any other value. */
export function fileSourceOf(value: unknown): FileSource | undefined {
	if (typeof value === 'string') return isDataUri(value) ? { dataUri: value } : undefined;
	return fileObject(value);
}
