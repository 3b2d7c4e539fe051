import { isObject } from '../parameters/jsonText';
import { isBlank } from '../parameters/values';
import { fileObject, listFiles, readFile, unwrapFile, type FileSource } from './fileSource';
import type { InputFault } from './inputFault';
import { partOf, type FileType, type Path, type Schema } from './schema';

/** Stands for a file until the input is sent: as it will be, but short. */
const PLACEHOLDER = 'data:application/octet-stream;base64,AAAA';
const FILE_RULE = 'an https URL, a data URI, or the name of a binary field of the item';

export interface FoundFile {
	path: Path;
	source: FileSource;
	type: FileType;
}

export interface FoundFiles {
	/** The input with a short data URI in the place of every file. */
	input: Record<string, unknown>;
	files: FoundFile[];
	faults: InputFault[];
}

/**
 * Finds the files in an input. Where the schema wants a file, there may be an https URL, a data URI, or the
 * name of a binary field of the item; where it wants several, a list of these, or text that lists them.
 * Anywhere else, `{ "binary": "data" }` or a file's own data (`$binary.data`) is a file.
 */
export function findFiles(values: Record<string, unknown>, schema: Schema): FoundFiles {
	const files: FoundFile[] = [];
	const faults: InputFault[] = [];
	return { input: walk(values, schema, []) as Record<string, unknown>, files, faults };

	function walk(value: unknown, schema: Schema, path: Path): unknown {
		if (schema.file) return oneFile(value, schema.file, path);
		const takesFiles = schema.items?.file !== undefined;
		const source = takesFiles ? undefined : fileObject(value);
		if (source) return found({ path, source, type: {} });
		const parts = takesFiles ? listFiles(value) : value;
		if (Array.isArray(parts)) {
			return parts.map((part, index) => walk(part, partOf(schema, index), [...path, index]));
		}
		if (!isObject(parts)) return parts;
		const walked = Object.entries(parts).map(([name, part]): [string, unknown] => [
			name,
			walk(part, partOf(schema, name), [...path, name]),
		]);
		// A file that is not given is not sent.
		return Object.fromEntries(walked.filter(([, part]) => part !== undefined));
	}

	function oneFile(value: unknown, type: FileType, path: Path): unknown {
		const given = unwrapFile(value);
		if (isBlank(given)) {
			if (typeof path.at(-1) !== 'number') return given === '' ? undefined : given;
			return wrong(path, `has no value: take it out, or set it to ${FILE_RULE}`);
		}
		const file = readFile(given);
		if ('url' in file) return file.url;
		if ('source' in file) return found({ path, source: file.source, type });
		return wrong(path, `must be ${FILE_RULE}${file.fault}`);
	}

	function found(file: FoundFile): string {
		files.push(file);
		return PLACEHOLDER;
	}

	function wrong(path: Path, says: string): string {
		faults.push({ path, says });
		return PLACEHOLDER;
	}
}
