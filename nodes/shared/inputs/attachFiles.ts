import { invalidInput } from '../api/errors';
import type { Item } from '../parameters/item';
import type { FileSource } from './fileSource';
import {
	openBinaryField,
	openDataUri,
	openGiven,
	type FileRules,
	type InputFile,
} from './inputFile';

/** What RunComfy's own clients send at most, with all files. */
const MAXIMUM_REQUEST_MIB = 64;
const MIB = 2 ** 20;

export interface AttachedFile {
	path: Array<string | number>;
	source: FileSource;
	rules: FileRules;
}

/** An input with its files. */
export interface InputWithFiles {
	/** What is sent, but for its files. */
	input: object;
	/** Gives the input as it will be sent; absent where there are no files. Rejects with `invalidInput`. */
	load?(): Promise<object>;
	/** What tells the files from others. */
	references?: string[];
}

/**
 * Checks the files of an input, which get into it as data URIs when it is sent, and are not held until then.
 *
 * @param input has text in the place of every file
 * @throws RunComfyError `invalidInput`
 */
export async function attachFiles(
	item: Item,
	input: object,
	places: AttachedFile[],
): Promise<InputWithFiles> {
	const files: Array<[AttachedFile['path'], InputFile]> = [];
	for (const { path, source, rules } of places) {
		files.push([path, await open(item, source, rules)]);
	}
	refuseOversize(
		input,
		files.map(([, file]) => file),
	);
	if (files.length === 0) return { input };
	return {
		input,
		references: files.map(([, file]) => file.reference),
		async load() {
			let loaded: unknown = input;
			for (const [path, file] of files) loaded = withValue(loaded, path, await file.dataUri());
			return loaded as object;
		},
	};
}

async function open(item: Item, source: FileSource, rules: FileRules): Promise<InputFile> {
	if ('binary' in source) return await openBinaryField(item, source.binary, rules);
	if ('stored' in source) return await openGiven(item, source.stored, rules);
	return await openDataUri(source.dataUri, rules);
}

/** A copy of what is on the way to a place, with another value there; the rest is shared. */
function withValue(whole: unknown, path: AttachedFile['path'], value: string): unknown {
	const [key, ...rest] = path;
	if (key === undefined) return value;
	const parts = whole as Record<string | number, unknown>;
	const changed = withValue(parts[key], rest, value);
	return Array.isArray(whole) ? whole.with(Number(key), changed) : { ...parts, [key]: changed };
}

function refuseOversize(input: object, files: InputFile[]): void {
	const bytes = files.reduce(
		(sum, { length }) => sum + length,
		Buffer.byteLength(JSON.stringify(input)),
	);
	if (bytes <= MAXIMUM_REQUEST_MIB * MIB) return;
	throw invalidInput(
		`The request must be at most ${MAXIMUM_REQUEST_MIB} MiB with its files, but is larger: use smaller files, or give public https URLs in their place`,
	);
}
