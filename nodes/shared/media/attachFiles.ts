import type { IExecuteFunctions } from 'n8n-workflow';
import { invalidInput } from '../api/errors';
import { openBinaryField, openDataUri, type FileRules, type InputFile } from './inputFile';

/** What RunComfy's own clients send at most, with all files. */
const MAXIMUM_REQUEST_MIB = 64;
const MIB = 2 ** 20;

/** Where a file comes from: a binary field of the item, or a data URI. */
export type FileSource = { binary: string } | { dataUri: string };

/** A file of an input, and its place there. */
export interface FilePlace {
	path: Array<string | number>;
	source: FileSource;
	rules: FileRules;
}

/** An input with files, as it is checked and as it is sent. */
export interface InputWithFiles {
	/** As it was given. */
	input: object;
	/** Gives the input as it will be sent; absent where there are no files. Rejects with `invalidInput`. */
	load?(): Promise<object>;
	/** What tells the files from others. */
	references?: string[];
}

/**
 * Checks the files of an input, and says how they get into it when it is sent: as data URIs, which are
 * not held until then.
 *
 * @throws RunComfyError `invalidInput`
 */
export async function attachFiles(
	context: IExecuteFunctions,
	itemIndex: number,
	input: object,
	places: FilePlace[],
): Promise<InputWithFiles> {
	if (places.length === 0) {
		refuseOversize(input, []);
		return { input };
	}
	const files: Array<[FilePlace['path'], InputFile]> = [];
	for (const { path, source, rules } of places) {
		const file =
			'binary' in source
				? await openBinaryField(context, itemIndex, source.binary, rules)
				: await openDataUri(source.dataUri, rules);
		files.push([path, file]);
	}
	refuseOversize(
		files.reduce((whole, [path]) => withValue(whole, path, ''), input),
		files.map(([, file]) => file),
	);
	return {
		input,
		references: files.map(([, file]) => file.reference),
		async load() {
			let loaded = input;
			for (const [path, file] of files) loaded = withValue(loaded, path, await file.dataUri());
			return loaded;
		},
	};
}

/** A copy of what is on the way to a place, with another value there; the rest is shared. */
function withValue<Whole extends object>(
	whole: Whole,
	[key, ...rest]: FilePlace['path'],
	value: string,
): Whole {
	const part = (whole as Record<string | number, object>)[key];
	const changed: unknown = rest.length > 0 ? withValue(part, rest, value) : value;
	if (Array.isArray(whole))
		return (whole as unknown[]).with(Number(key), changed) as object as Whole;
	return { ...whole, [key]: changed };
}

function refuseOversize(rest: object, files: InputFile[]): void {
	const bytes = files.reduce(
		(sum, { length }) => sum + length,
		Buffer.byteLength(JSON.stringify(rest)),
	);
	if (bytes <= MAXIMUM_REQUEST_MIB * MIB) return;
	throw invalidInput(
		`The request must be at most ${MAXIMUM_REQUEST_MIB} MiB with its files, but is larger: use smaller files, or give public https URLs in their place`,
	);
}
