import { jsonParse } from 'n8n-workflow';
import { FORMATS, kindOfType, type FormatName } from '../media/formats';
import type { MediaKind } from '../media/media';
import { isBlank } from '../parameters/blankText';
import { isObject } from '../parameters/jsonText';
import { isNothing } from '../parameters/wrongValue';
import { fileObject, fileSourceOf, isHttpsUrl, type FileSource } from './fileSource';
import { faultOfUrl } from './publicUrl';
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
	/** What it must be. */
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

	function walk(value: unknown, schema: Schema, path: FoundFile['path']): unknown {
		const { file, items, properties = {} } = schema;
		if (file) return oneFile(value, file, path);
		const list = items?.file ? filesIn(value) : value;
		const source = items?.file ? undefined : fileObject(value);
		if (source) return found({ path, source, type: {} });
		if (Array.isArray(list)) {
			return list.map((part, index) => walk(part, items ?? ANY, [...path, index]));
		}
		if (!isObject(list)) return list;
		const parts = Object.entries(list).map(([name, part]): [string, unknown] => {
			const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
			return [name, walk(part, property ?? ANY, [...path, name])];
		});
		// A file that is not given is not sent.
		return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
	}

	function oneFile(value: unknown, type: FileType, path: FoundFile['path']): unknown {
		const given = unwrapped(value);
		const isEntry = typeof path.at(-1) === 'number';
		if (isNothing(given)) {
			if (isEntry) return wrong(path, `has no value: take it out, or set it to ${FILE_RULE}`);
			return given === '' ? undefined : given;
		}
		const fault = typeof given === 'string' ? faultOfUrl(given) : undefined;
		if (fault) return wrong(path, `must be ${FILE_RULE}, but is ${fault}`);
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
export function fileRules(type: FileType, label: string): FileRules {
	const names = Object.keys(FORMATS) as FormatName[];
	const { kind, formats, minimumMib, maximumMib = Infinity } = type;
	return {
		label,
		formats:
			formats ?? names.filter((name) => !kind || kindOfType(FORMATS[name].mimeTypes[0]) === kind),
		...(!formats && { formatWords: kind ? WORDS[kind] : 'an image, a video or an audio file' }),
		maximumMib: Math.min(MAXIMUM_MIB[kind ?? 'video'], maximumMib),
		...(minimumMib !== undefined && { minimumMib }),
	};
}

function binaryNamed(value: unknown): FileSource | undefined {
	const isName =
		typeof value === 'string' && !value.includes('://') && value.length <= LONGEST_FIELD_NAME;
	return isName ? { binary: value } : undefined;
}

function fileFault(value: unknown): string {
	if (typeof value === 'string') return `must be ${FILE_RULE}, but is ${otherText(value)}`;
	return typeof value === 'object'
		? `must be ${FILE_RULE}: give the name of the field, such as data, and not what is in it`
		: `must be ${FILE_RULE}, but is ${String(value)}`;
}

function otherText(text: string): string {
	return text.includes('://') && !text.includes('\n')
		? 'another address'
		: `text of ${text.length} characters: base64 needs data:, its type and ;base64, in front`;
}

/** What people have at hand for a file: text with blanks around it, JSON as text, a list of one, an attachment. */
function unwrapped(value: unknown): unknown {
	if (Array.isArray(value) && value.length === 1) return unwrapped(value[0]);
	if (isObject(value) && typeof value.url === 'string' && value.url !== '') return value.url.trim();
	if (typeof value !== 'string') return value;
	if (isBlank(value)) return '';
	const parsed = parsedText(value);
	return typeof parsed === 'string' ? parsed : unwrapped(parsed);
}

/** What the JSON of a list or an object says; any other text without the blanks around it. */
function parsedText(value: string): unknown {
	const text = value.trim();
	return /^[[{]/.test(text) ? jsonParse<unknown>(text, { fallbackValue: text }) : text;
}

/** The files that a text lists: as JSON, a line each, or with commas between. A single one is a list too. */
function filesIn(value: unknown): unknown {
	if (isObject(value)) return [value];
	if (Array.isArray(value) && value.every((entry) => typeof entry === 'string' && isBlank(entry))) {
		return [];
	}
	if (typeof value !== 'string') return value;
	const parsed = parsedText(value);
	return typeof parsed === 'string' ? parsed.split('\n').flatMap(partsOfLine) : [parsed].flat();
}

/** The parts of a line between commas; one inside a URL belongs to it, unless a name or an address follows. */
function partsOfLine(line: string): string[] {
	const parts: string[][] = [];
	for (const part of line.split(',')) {
		const whole = parts.at(-1);
		const isUrl = whole?.[0]?.includes('://') ?? false;
		const goesOn =
			(whole?.length === 1 && /^\s*data:/i.test(whole[0] ?? '')) ||
			(isUrl && /[./?&=%]/.test(part) && !/^\s|^(?:https?|data):/i.test(part));
		if (goesOn) whole?.push(part);
		else parts.push([part]);
	}
	return parts.map((part) => part.join(',').trim()).filter((part) => !isBlank(part));
}
