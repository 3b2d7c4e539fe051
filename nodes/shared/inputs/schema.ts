import type { MediaKind } from '../media/media';
import { kindOfEnding } from '../media/fileType';
import { FORMATS, type FormatName } from '../media/formats';
import { isObject } from '../parameters/jsonText';

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'null';
export type Choice = string | number | boolean | null;

/** The part of a JSON Schema that a value is checked against. What is absent restricts nothing. */
export interface Schema {
	/** The types that a value may have; any, where there are none. */
	types: JsonType[];
	choices?: Choice[];
	minimum?: number;
	maximum?: number;
	/** In characters, each code point as one. */
	minLength?: number;
	maxLength?: number;
	minItems?: number;
	maxItems?: number;
	items?: Schema;
	properties?: Record<string, Schema>;
	/** Names of properties. */
	required?: string[];
	/** Whether there are no other properties than these. */
	closed?: boolean;
	/** What the file must be that a value stands for. */
	file?: FileType;
}

export interface FileType {
	/** Any media, where it is absent. */
	kind?: MediaKind;
	/** All of this kind, where there are none. */
	formats?: FormatName[];
	minimumMib?: number;
	maximumMib?: number;
}

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

/** What no schema of the catalog has had: a value is not held against it. */
const UNCHECKED = [
	...['$ref', 'oneOf', 'anyOf', 'allOf', 'not', 'if', 'const', 'pattern', 'multipleOf'],
	...['exclusiveMinimum', 'exclusiveMaximum', 'patternProperties'],
];
/** Those by which a value may be of other types, or an object have other properties, than the schema says. */
export const OPENS = ['$ref', 'oneOf', 'anyOf', 'allOf', 'not', 'if'];

const FILE_FORMAT = /^(image|video|audio)_uri(s?)$/;
/** A name that says what it is for, where no format does: `image`, `47_video`, `promptImage`, `mask_url`. */
const FILE_NAME = /(?:(image|video|audio)s?(?:_?ur[il]s?)?|_ur[il]s?)$/i;
const DEEPEST = 8;

/**
 * Keeps of a schema from outside what a value can be checked against without doubt. What is missing,
 * contradicts itself or is not known here is left out and noted, so that no value is refused for it.
 *
 * @param raw anything
 * @param path where it is, for the notes
 * @param notes is added to: what is not checked
 * @param name of the property that it is of
 */
function cleanSchema(
	raw: unknown,
	path: string,
	notes: string[],
	depth: number,
	name = '',
): Schema {
	const note = (words: string) => void notes.push(`${path}: ${words}`);
	if (!isObject(raw) || depth > DEEPEST) {
		note('no schema');
		return { types: [] };
	}
	const unchecked = UNCHECKED.filter((word) => word in raw);
	if (unchecked.length > 0) note(unchecked.join(', '));
	const file = fileFormat(raw) ?? fileByName(name, raw);
	if (OPENS.some((word) => word in raw)) return withFile({ types: [] }, file);

	const types = typesOf(raw, note);
	const schema: Schema = { types, ...choicesOf(raw, types, note) };
	if (types.includes('number') || types.includes('integer')) {
		Object.assign(schema, boundsOf(raw, ['minimum', 'maximum'], note));
	}
	if (types.includes('string')) {
		Object.assign(schema, boundsOf(raw, ['minLength', 'maxLength'], note));
	}
	if (types.includes('array')) {
		Object.assign(schema, boundsOf(raw, ['minItems', 'maxItems'], note));
		const items = itemsOf(raw.items, path, notes, depth);
		if (items) schema.items = items;
	}
	if (types.includes('object') && isObject(raw.properties)) {
		Object.assign(schema, propertiesOf(raw, raw.properties, path, notes, depth));
	}
	return withFile(schema, file);
}

/** The properties of an object, each cleaned, with the names that `required` has of them. */
export function propertiesOf(
	{ required, additionalProperties }: Record<string, unknown>,
	properties: Record<string, unknown>,
	path: string,
	notes: string[],
	depth: number,
): Pick<Schema, 'properties' | 'required' | 'closed'> {
	const cleaned = Object.entries(properties).map(([name, property]): [string, Schema] => [
		name,
		cleanSchema(property, path ? `${path}.${name}` : name, notes, depth + 1, name),
	]);
	return {
		properties: Object.fromEntries(cleaned),
		required: textsIn(required).filter((name) => Object.hasOwn(properties, name)),
		closed: additionalProperties === false,
	};
}

/** The texts in what should be a list of them. */
export function textsIn(value: unknown): string[] {
	const entries = Array.isArray(value) ? (value as unknown[]) : [];
	return entries.filter((entry) => typeof entry === 'string');
}

type Note = (words: string) => void;

function typesOf({ type, default: preset }: Record<string, unknown>, note: Note): JsonType[] {
	const names = type === undefined ? [] : [type].flat();
	const types = names.flatMap((name) => TYPES.get(name) ?? []);
	if (types.length < names.length) note(`type ${JSON.stringify(type)}`);
	if (types.length < names.length || types.length === 0) return [];
	return preset === null && !types.includes('null') ? [...types, 'null'] : types;
}

function choicesOf(
	{ enum: values, default: preset }: Record<string, unknown>,
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

function boundsOf(
	raw: Record<string, unknown>,
	[least, most]: ['minimum' | 'minLength' | 'minItems', 'maximum' | 'maxLength' | 'maxItems'],
	note: Note,
): Partial<Schema> {
	const isBound = (value: unknown) =>
		typeof value === 'number' && (least === 'minimum' || (Number.isInteger(value) && value >= 0));
	const given = [least, most].filter((name) => raw[name] !== undefined && raw[name] !== null);
	const bounds = Object.fromEntries(
		given.filter((name) => isBound(raw[name])).map((name) => [name, raw[name] as number]),
	);
	const isEmpty = (bounds[least] ?? -Infinity) > (bounds[most] ?? Infinity);
	if (isEmpty || Object.keys(bounds).length < given.length) note(`${least}, ${most}`);
	return isEmpty ? {} : bounds;
}

/** The catalog also writes a map of names under `items`, which is no schema. */
function itemsOf(items: unknown, path: string, notes: string[], depth: number): Schema | undefined {
	if (items === undefined || items === null) return undefined;
	const isSchema =
		isObject(items) &&
		['type', 'enum', 'format'].some((word) => word in items && !isObject(items[word]));
	if (isSchema) return cleanSchema(items, `${path}[]`, notes, depth + 1);
	notes.push(`${path}: items`);
	return undefined;
}

interface FoundFormat {
	file: FileType;
	isList: boolean;
}

/** What files a schema takes: by its own format, by that of a branch of it, or by that of its items. */
function fileFormat(raw: Record<string, unknown>, inList = false): FoundFormat | undefined {
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
function fileByName(name: string, raw: Record<string, unknown>): FoundFormat | undefined {
	const sample = [raw.default].flat()[0];
	const isUrl = typeof sample === 'string' && /^https?:\/\/\S+$/i.test(sample);
	const [isNamed, word] = FILE_NAME.exec(name) ?? [];
	if (isNamed === undefined && !isUrl) return undefined;
	const kind = (word?.toLowerCase() as MediaKind | undefined) ?? kindOfEnding(String(sample));
	return { file: kind ? { kind } : {}, isList: [raw.type].flat().includes('array') };
}

/** A schema with the file that its value stands for; one whose value cannot stand for a file as it is. */
function withFile(schema: Schema, found: FoundFormat | undefined): Schema {
	const { types, items = { types: [] }, choices } = schema;
	if (!found || choices) return schema;
	const takesText = ({ types: taken }: Schema) => taken.length === 0 || taken.includes('string');
	if (found.isList) {
		return takesText(items) ? { ...schema, items: { ...items, file: found.file } } : schema;
	}
	return takesText({ types }) ? { ...schema, file: found.file } : schema;
}

/**
 * Limits that can be checked without a file's pixels (RunComfy's own clients read these two names), and the
 * `formats` that a schema of ours names.
 */
function fileLimits({ validations, formats }: Record<string, unknown>): Omit<FileType, 'kind'> {
	const rules = Array.isArray(validations) ? validations.filter(isObject) : [];
	const valuesOf = (rule: string) =>
		rules.flatMap(({ validation_rule: name, validation_value: value }) =>
			name === rule && typeof value === 'number' ? [value] : [],
		);
	const most = valuesOf('file_size_mb<');
	const least = valuesOf('file_size_mb>');
	const named = textsIn(formats).filter((name): name is FormatName => name in FORMATS);
	return {
		...(named.length > 0 && { formats: named }),
		...(most.length > 0 && { maximumMib: Math.min(...most) }),
		...(least.length > 0 && { minimumMib: Math.max(...least) }),
	};
}
