import type { InputFault } from '../shared/parameters/inputFault';
import { isNothing } from '../shared/parameters/wrongValue';
import type { FilePlace, FileSource } from '../shared/media/attachFiles';
import {
	describeUrl,
	fileSourceOf,
	isHttpsUrl,
	namesBinaryField,
} from '../shared/media/fileSource';
import { FORMATS, type FormatName } from '../shared/media/formats';
import { MAXIMUM_MIB, type FileRules } from '../shared/media/inputFile';
import type { MediaKind } from '../shared/media/media';
import type { ModelInputField } from './model/modelInputs';

const WORDS: Record<MediaKind, string> = {
	image: 'an image',
	audio: 'an audio file',
	video: 'a video',
};
/** The placeholder for a file while its input is checked: as it will be sent, but short. */
const ANY_DATA_URI = 'data:application/octet-stream;base64,AAAA';
/** A longer text is what is in a file. */
const LONGEST_FIELD_NAME = 200;
const FILE_RULE = 'an https URL, a data URI, or the name of a binary field of the item';
const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];
const ANY_FILE: Omit<FileRules, 'label'> = {
	formats: FORMAT_NAMES,
	formatWords: 'an image, a video or an audio file',
	maximumMib: MAXIMUM_MIB.video,
};

type Fields = Record<string, unknown>;
type Path = FilePlace['path'];

/** An input whose files are found. */
export interface FoundFiles {
	/** As it is sent but for its files, which name their source. */
	input: Fields;
	/** The same with text in the place of every file, for the check. */
	checked: Fields;
	places: Array<Omit<FilePlace, 'rules'> & { rules: Omit<FileRules, 'label'> }>;
	faults: InputFault[];
}

/**
 * Finds the files in an input. An input of a file takes an https URL, a data URI, or the name of a binary
 * field of the item; an input of several takes a list of these, or text that lists them. Anywhere else,
 * `{ "binary": "data" }` is the file in that field.
 */
export function findFiles(given: Fields, fields: ModelInputField[]): FoundFiles {
	const found: Pick<FoundFiles, 'places' | 'faults'> = { places: [], faults: [] };
	const place = (path: Path, source: FileSource, rules: Omit<FileRules, 'label'>) => {
		found.places.push({ path, source, rules });
		return { sent: source, checked: ANY_DATA_URI };
	};

	const wrong = (path: Path, says: string) => {
		found.faults.push({ path, says });
		return same(ANY_DATA_URI);
	};

	const all = Object.entries(given).map(([name, value]): [string, Found] => {
		const field = fields.find((one) => one.name === name);
		if (field?.media === undefined) return [name, elsewhere(value, [name])];
		if (field.kind === 'files') return [name, several(field, filesIn(value))];
		return [name, one(field, value, [name])];
	});
	return { ...bothOf(all), ...found };

	function one(field: ModelInputField, value: unknown, path: Path): Found {
		const text = typeof value === 'string' ? value.trim() : value;
		if (text === '' || text === undefined || text === null) return same(value);
		if (typeof text === 'string' && isHttpsUrl(text)) return same(text);
		const source = fileSourceOf(text) ?? binaryNamed(text);
		if (source) return place(path, source, rulesOf(field));
		return wrong(path, fileFault(text));
	}

	function several(field: ModelInputField, values: unknown): Found {
		if (!Array.isArray(values)) return same(values);
		const all = values.map((value, index) =>
			isNothing(value)
				? wrong([field.name, index], `has no value: take it out, or set it to ${FILE_RULE}`)
				: one(field, value, [field.name, index]),
		);
		return { sent: all.map(({ sent }) => sent), checked: all.map(({ checked }) => checked) };
	}

	function elsewhere(value: unknown, path: Path): Found {
		if (namesBinaryField(value)) return place(path, { binary: value.binary }, ANY_FILE);
		if (Array.isArray(value)) {
			const all = value.map((part, index) => elsewhere(part, [...path, index]));
			return { sent: all.map(({ sent }) => sent), checked: all.map(({ checked }) => checked) };
		}
		if (typeof value !== 'object' || value === null) return same(value);
		const all = Object.entries(value).map(([name, part]): [string, Found] => [
			name,
			elsewhere(part, [...path, name]),
		]);
		const { input: sent, checked } = bothOf(all);
		return { sent, checked };
	}
}

interface Found {
	sent: unknown;
	checked: unknown;
}

function same(value: unknown): Found {
	return { sent: value, checked: value };
}

function bothOf(all: Array<[string, Found]>): Pick<FoundFiles, 'input' | 'checked'> {
	return {
		input: Object.fromEntries(all.map(([name, { sent }]) => [name, sent])),
		checked: Object.fromEntries(all.map(([name, { checked }]) => [name, checked])),
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
	if (text === '') return [];
	if (text.startsWith('[')) {
		const list = parsed(text);
		if (Array.isArray(list)) return list;
	}
	return text
		.split(/\s*(?:\n|,(?=\s|https?:|data:))\s*/i)
		.flatMap((part) => (/^\w+:/.test(part) ? [part] : part.split(',')))
		.map((part) => part.trim())
		.filter(Boolean);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

function rulesOf({ media = 'image', fileMib }: ModelInputField): Omit<FileRules, 'label'> {
	return {
		formats: FORMAT_NAMES.filter((name) => FORMATS[name].kind === media),
		formatWords: WORDS[media],
		maximumMib: Math.min(MAXIMUM_MIB[media], fileMib?.most ?? Infinity),
		...(fileMib?.least !== undefined && { minimumMib: fileMib.least }),
	};
}
