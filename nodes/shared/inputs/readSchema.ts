import { kindOfEnding } from '../media/fileType';
import { FORMATS, type FormatName } from '../media/formats';
import type { MediaKind } from '../media/media';
import { isObject } from '../parameters/jsonText';
import { ANY, type Choice, type FileType, type JsonType, type Schema } from './schema';

/** The names of types in RunComfy's catalog: JSON Schema's, and `float`. */
const TYPES = new Map<unknown, JsonType>([
	['string', 'string'],
	['number', 'number'],
	['float', 'number'],
	['integer', 'integer'],
	['boolean', 'boolean'],
	['array', 'array'],
	['object', 'object'],
	['null', 'null'],
]);

/** Those by which a value may be of other types, or an object have other properties, than the schema says. */
const OPENS = ['$ref', 'oneOf', 'anyOf', 'allOf', 'not', 'if'];
/** What no schema of the catalog has had: a value is not held against it. */
const UNCHECKED = [
	...[...OPENS, 'const', 'pattern', 'multipleOf'],
	...['exclusiveMinimum', 'exclusiveMaximum', 'patternProperties'],
];
/** The names of bounds, and the least that the lower one can be. */
const BOUNDS = [
	['minimum', 'maximum', -Infinity],
	['minLength', 'maxLength', 0],
	['minItems', 'maxItems', 0],
] as const;

const FILE_FORMAT = /^(image|video|audio)_uri(s?)$/;
/** A name that says what it is for, where no format does: `image`, `47_video`, `promptImage`, `mask_url`. */
const FILE_NAME = /(?:(image|video|audio)s?(?:_?ur[il]s?)?|_ur[il]s?)$/i;
const DEEPEST = 8;

type Raw = Record<string, unknown>;
type Note = (words: string) => void;

/**
 * Keeps of the schema of a model's input what a value can be checked against without doubt. What is missing,
 * contradicts itself or is not known here is left out and noted, so that no value is refused for it.
 */
export function readInputSchema(raw: unknown): { schema: Schema; unchecked: string[] } {
	const unchecked: string[] = [];
	const input = isObject(raw) ? raw : {};
	const own = propertiesOf(input, [], unchecked);
	const required = textsIn(input.required);
	const nameless = required.filter((name) => !own.required.includes(name));
	const open = [...OPENS, 'patternProperties'].filter((word) => word in input);
	const { additionalProperties: more } = input;
	if (more !== undefined && more !== false) open.push('additionalProperties');
	const isEmpty = Object.keys(own.properties).length === 0;
	if (nameless.length > 0) unchecked.push(`required, which names no input: ${nameless.join(', ')}`);
	unchecked.push(...open);
	if (isEmpty) unchecked.push('there are no properties');
	const closed = !isEmpty && nameless.length === 0 && open.length === 0;
	return { schema: { types: ['object'], ...own, closed }, unchecked };
}

function readSchema(raw: unknown, path: string[], notes: string[]): Schema {
	const note = (words: string) => void notes.push(`${path.join('.')}: ${words}`);
	if (!isObject(raw) || path.length > DEEPEST) {
		note('no schema');
		return ANY;
	}
	const unchecked = UNCHECKED.filter((word) => word in raw);
	if (unchecked.length > 0) note(unchecked.join(', '));
	const isOpen = OPENS.some((word) => word in raw);
	const types = isOpen ? [] : typesOf(raw, note);
	const schema: Schema = { types };
	if (typeof raw.title === 'string') schema.title = raw.title;
	if ('default' in raw) schema.preset = raw.default;
	if (!isOpen) Object.assign(schema, choicesOf(raw, types, note), boundsOf(raw, note));
	if (types.includes('array')) Object.assign(schema, itemsOf(raw, path, notes));
	if (types.includes('object') && isObject(raw.properties)) {
		Object.assign(schema, propertiesOf(raw, path, notes));
	}
	return withFile(schema, fileFormat(raw) ?? fileByName(path.at(-1) ?? '', raw));
}

function propertiesOf(raw: Raw, path: string[], notes: string[]) {
	const properties = Object.entries(isObject(raw.properties) ? raw.properties : {}).map(
		([name, property]) => [name, readSchema(property, [...path, name], notes)] as const,
	);
	const names = properties.map(([name]) => name);
	return {
		properties: Object.fromEntries(properties),
		required: textsIn(raw.required).filter((name) => names.includes(name)),
		closed: raw.additionalProperties === false,
	};
}

/** The catalog also writes a map of names under `items`, which is no schema. */
function itemsOf({ items }: Raw, path: string[], notes: string[]): Pick<Schema, 'items'> {
	if (items === undefined || items === null) return {};
	const isSchema =
		isObject(items) &&
		['type', 'enum', 'format'].some((word) => word in items && !isObject(items[word]));
	if (isSchema) return { items: readSchema(items, [...path, '[]'], notes) };
	notes.push(`${path.join('.')}: items`);
	return {};
}

function textsIn(value: unknown): string[] {
	const entries = Array.isArray(value) ? (value as unknown[]) : [];
	return entries.filter((entry) => typeof entry === 'string');
}

function typesOf({ type, default: preset }: Raw, note: Note): JsonType[] {
	const names = type === undefined ? [] : [type].flat();
	const types = names.flatMap((name) => TYPES.get(name) ?? []);
	if (types.length < names.length) note(`type ${JSON.stringify(type)}`);
	if (types.length < names.length || types.length === 0) return [];
	return preset === null && !types.includes('null') ? [...types, 'null'] : types;
}

function choicesOf(
	{ enum: values, default: preset }: Raw,
	types: JsonType[],
	note: Note,
): Pick<Schema, 'choices'> {
	if (values === undefined || values === null) return {};
	const choices = Array.isArray(values) ? values.filter(isChoice) : [];
	const fit = choices.some((value) => types.length === 0 || types.some((type) => is(value, type)));
	if (!fit || !Array.isArray(values) || choices.length < values.length) {
		note('enum');
		return {};
	}
	return { choices: preset === null ? [...choices, null] : choices };
}

function isChoice(value: unknown): value is Choice {
	return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function is(value: Choice, type: JsonType): boolean {
	if (type === 'integer') return Number.isInteger(value);
	return type === (value === null ? 'null' : typeof value);
}

function boundsOf(raw: Raw, note: Note): Partial<Schema> {
	const bounds: Partial<Schema> = {};
	for (const [least, most, floor] of BOUNDS) {
		const low = raw[least] ?? floor;
		const high = raw[most] ?? Infinity;
		if (typeof low !== 'number' || typeof high !== 'number' || Math.max(low, floor) > high) {
			note(`${least}, ${most}`);
			continue;
		}
		if (low > floor) bounds[least] = low;
		if (high < Infinity) bounds[most] = high;
	}
	return bounds;
}

interface FoundFile {
	file: FileType;
	isList: boolean;
}

/** What files a schema takes: by its own format, by that of a branch of it, or by that of its items. */
function fileFormat(raw: Raw, inList = false): FoundFile | undefined {
	const [, kind, many] = FILE_FORMAT.exec(String(raw.format)) ?? [];
	if (kind) {
		const isArray = [raw.type].flat().includes('array');
		const isList = inList || isArray || (raw.type === undefined && many === 's');
		return { file: { kind: kind as MediaKind, ...fileLimits(raw) }, isList };
	}
	const branches = OPENS.flatMap((word) => (Array.isArray(raw[word]) ? raw[word] : []));
	const inside = branches.filter(isObject).map((branch) => fileFormat(branch, inList));
	const ofItems = isObject(raw.items) ? fileFormat(raw.items, true) : undefined;
	return inside.find(Boolean) ?? ofItems;
}

/** The same where there is no format, by the name and the default of text. */
function fileByName(name: string, raw: Raw): FoundFile | undefined {
	const sample = [raw.default].flat()[0];
	const isUrl = typeof sample === 'string' && /^https?:\/\/\S+$/i.test(sample);
	const [isNamed, word] = FILE_NAME.exec(name) ?? [];
	if (isNamed === undefined && !isUrl) return undefined;
	const kind = (word?.toLowerCase() as MediaKind | undefined) ?? kindOfEnding(String(sample));
	return { file: kind ? { kind } : {}, isList: [raw.type].flat().includes('array') };
}

/** A schema with the file that its value stands for; one whose value cannot stand for a file as it is. */
function withFile(schema: Schema, found: FoundFile | undefined): Schema {
	const { items = ANY, choices } = schema;
	if (!found || choices) return schema;
	const { types } = found.isList ? items : schema;
	if (types.length > 0 && !types.includes('string')) return schema;
	const { file } = found;
	return found.isList ? { ...schema, items: { ...items, file } } : { ...schema, file };
}

/** The limit that can be checked without a file's pixels (RunComfy's own clients read it), and the `formats` of a schema of ours. */
function fileLimits({ validations, formats }: Raw): Omit<FileType, 'kind'> {
	const rules = Array.isArray(validations) ? validations.filter(isObject) : [];
	const limit = rules.find((rule) => rule.validation_rule === 'file_size_mb<')?.validation_value;
	const named = textsIn(formats).filter((name): name is FormatName => name in FORMATS);
	return {
		...(named.length > 0 && { formats: named }),
		...(typeof limit === 'number' && { maximumMib: limit }),
	};
}
