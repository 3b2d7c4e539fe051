import { jsonParse } from 'n8n-workflow';
import { FORMATS, type FormatName } from '../media/formats';
import type { MediaKind } from '../media/media';
import { isObject } from '../parameters/jsonText';
import { isNothing } from '../parameters/wrongValue';
import {
	describeUrl,
	fileSourceOf,
	isHttpsUrl,
	namesBinaryField,
	type FileSource,
} from './fileSource';
import type { FileRules } from './inputFile';
import type { InputFault } from './inputFault';
import { MAXIMUM_MIB } from './inputFile';
import type { FileType, Schema } from './schema';

const WORDS: Record<MediaKind, string> = {
	image: 'an image',
	audio: 'an audio file',
	video: 'a video',
};
/** Stands for a file until the input is sent: as it will be, but short. */
const PLACEHOLDER = 'data:application/octet-stream;base64,AAAA';
/** A longer text is what is in a file. */
const LONGEST_FIELD_NAME = 200;
const FILE_RULE = 'an https URL, a data URI, or the name of a binary field of the item';

/** A file of the user's own in an input. */
export interface FoundFile {
	path: InputFault['path'];
	source: FileSource;
	/** What it must be; any media where the schema does not say. */
	type?: FileType;
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
 * Anywhere else, `{ "binary": "data" }` is the file in that field.
 */
export function findFiles(values: Record<string, unknown>, schema: Schema): FoundFiles {
	const files: FoundFile[] = [];
	const faults: InputFault[] = [];
	return { input: walk(values, schema, []) as Record<string, unknown>, files, faults };

	function walk(
		value: unknown,
		{ file, items, properties = {} }: Schema,
		path: FoundFile['path'],
	): unknown {
		if (file) return oneFile(value, file, path);
		if (namesBinaryField(value) && !items?.file)
			return found({ path, source: { binary: value.binary } });
		const list = items?.file ? filesIn(value) : value;
		if (Array.isArray(list)) {
			return list.map((part, index) => walk(part, items ?? ANY, [...path, index]));
		}
		if (!isObject(list)) return list;
		const parts = Object.entries(list).map(([name, part]) => {
			const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
			return [name, walk(part, property ?? ANY, [...path, name])];
		});
		return Object.fromEntries(parts) as unknown;
	}

	function oneFile(value: unknown, type: FileType, path: FoundFile['path']): unknown {
		const given = typeof value === 'string' ? value.trim() : value;
		const isEntry = typeof path.at(-1) === 'number';
		if (isNothing(given)) {
			return isEntry ? wrong(path, `has no value: take it out, or set it to ${FILE_RULE}`) : value;
		}
		if (typeof given === 'string' && isHttpsUrl(given)) return given.replace(/^https/i, 'https');
		const source = fileSourceOf(given) ?? binaryNamed(given);
		return source ? found({ path, source, type }) : wrong(path, fileFault(given));
	}

	function found(file: FoundFile): string {
		files.push(file);
		return PLACEHOLDER;
	}

	function wrong(path: FoundFile['path'], says: string): string {
		faults.push({ path, says });
		return PLACEHOLDER;
	}
}

const ANY: Schema = { types: [] };

/** What a file must be, for the check of it. */
export function fileRules(type: FileType | undefined, label: string): FileRules {
	const names = Object.keys(FORMATS) as FormatName[];
	if (!type) {
		const formatWords = 'an image, a video or an audio file';
		return { label, formats: names, formatWords, maximumMib: MAXIMUM_MIB.video };
	}
	const { kind, formats, minimumMib, maximumMib = Infinity } = type;
	return {
		label,
		formats: formats ?? names.filter((name) => FORMATS[name].kind === kind),
		...(!formats && { formatWords: WORDS[kind] }),
		maximumMib: Math.min(MAXIMUM_MIB[kind], maximumMib),
		...(minimumMib !== undefined && { minimumMib }),
	};
}

function binaryNamed(value: unknown): FileSource | undefined {
	const isName =
		typeof value === 'string' && !value.includes('://') && value.length <= LONGEST_FIELD_NAME;
	return isName ? { binary: value } : undefined;
}

function fileFault(value: unknown): string {
	if (typeof value === 'string') {
		return `must be ${FILE_RULE}, but is ${describeUrl(value) ?? otherText(value)}`;
	}
	return typeof value === 'object'
		? `must be ${FILE_RULE}: give the name of the field, such as data, and not what is in it`
		: `must be ${FILE_RULE}, but is ${String(value)}`;
}

function otherText(text: string): string {
	return text.includes('://') && !text.includes('\n')
		? 'another address'
		: `text of ${text.length} characters: base64 needs data:, its type and ;base64, in front`;
}

/** The files that a text lists: as JSON, a line each, or with commas between. A single one is a list too. */
function filesIn(value: unknown): unknown {
	if (namesBinaryField(value)) return [value];
	if (typeof value !== 'string') return value;
	const text = value.trim();
	if (text.startsWith('[')) {
		const list = jsonParse<unknown>(text, { fallbackValue: null });
		if (Array.isArray(list)) return list as unknown[];
	}
	return text
		.split(/\n|,(?=\s|https?:|data:)/i)
		.flatMap((part) => (/^\s*\w+:/.test(part) ? [part] : part.split(',')))
		.map((part) => part.trim())
		.filter(Boolean);
}
