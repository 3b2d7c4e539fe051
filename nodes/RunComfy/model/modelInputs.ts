import type { MediaKind } from '../../shared/media/media';
import {
	cleanSchema,
	COMPOSED,
	isObject,
	requiredNames,
	withoutChoice,
	type Schema,
} from './cleanSchema';

/** How a value is given in the form, and read from it. */
export type InputKind =
	| 'text'
	| 'number'
	| 'boolean'
	| 'choice'
	| 'file'
	| 'files'
	| 'list'
	| 'object'
	| 'any';

/** One input of a model. */
export interface ModelInputField {
	/** Its name in the request. */
	name: string;
	/** What the form and errors call it. */
	label: string;
	kind: InputKind;
	required: boolean;
	/** What a value is checked against. */
	schema: Schema;
	/** What its files must be. */
	media?: MediaKind;
	/** Limits of its files in MiB, where the schema has any. */
	fileMib?: { least?: number; most?: number };
	/** The API's own default, which is often a sample. */
	preset?: unknown;
}

/** What a model takes, as far as its schema tells it. */
export interface ModelInputs {
	/** In the order of the form: required ones first, and among these the prompt, then files. */
	fields: ModelInputField[];
	/** Whether these are all; without a list of inputs, any name may be right. */
	complete: boolean;
	/** What of the schema cannot be checked, and is passed on. */
	unchecked: string[];
}

const LONGEST_LABEL = 60;
const MEDIA_FORMAT = /^(image|video|audio)_uris?$/;
/** Words in names with their own capitalization. */
const CAPITALS = new Map(
	['URL', 'URLs', 'ID', 'IDs', 'CFG', 'FPS', 'AI', 'HD', 'LoRA'].map((word) => [
		word.toLowerCase(),
		word,
	]),
);

/**
 * Reads the schema of a model's input, which is not trusted: what is missing or contradicts itself is
 * passed on, never an error.
 *
 * @param inputSchema `input_schema` as it came, or anything
 */
export function readModelInputs(inputSchema: unknown): ModelInputs {
	const unchecked: string[] = [];
	const raw = isObject(inputSchema) ? withoutChoice(inputSchema) : undefined;
	const properties = isObject(raw) && isObject(raw.properties) ? raw.properties : {};
	const required = isObject(raw) ? requiredNames(raw.required) : [];
	const nameless = required.filter((name) => !Object.hasOwn(properties, name));
	if (nameless.length > 0) unchecked.push(`required, which names no input: ${nameless.join(', ')}`);
	const open = raw ? openWords(raw) : [];
	unchecked.push(...open);
	if (!raw) unchecked.push('there is no schema');
	else if (Object.keys(properties).length === 0) unchecked.push('there are no properties');

	const fields = Object.entries(properties).map(([name, property]) =>
		readField(name, property, required.includes(name), unchecked),
	);
	return {
		fields: withOwnLabels(inFormOrder(fields, required)),
		complete: fields.length > 0 && nameless.length === 0 && open.length === 0,
		unchecked,
	};
}

function readField(
	name: string,
	raw: unknown,
	required: boolean,
	unchecked: string[],
): ModelInputField {
	const schema = cleanSchema(raw, name, unchecked);
	const property = isObject(raw) ? withoutChoice(raw) : {};
	const media = mediaOf(property, schema);
	const title = typeof property.title === 'string' ? inOneLine(property.title) : '';
	return {
		name,
		label: labelOf(title, name, media !== undefined),
		kind: media ? (media.list ? 'files' : 'file') : kindOf(schema),
		required,
		schema,
		...(media && { media: media.kind, fileMib: fileLimits(property.validations) }),
		...('default' in property && { preset: property.default }),
	};
}

/** The media that a field takes, and whether it takes a list of them. */
function mediaOf(
	{ format, items }: Record<string, unknown>,
	{ type }: Schema,
): { kind: MediaKind; list: boolean } | undefined {
	const inItems = isObject(items) ? items.format : undefined;
	const named = [format, inItems].find(
		(word): word is string => typeof word === 'string' && MEDIA_FORMAT.test(word),
	);
	if (named === undefined) return undefined;
	const types = [type].flat().filter((word) => word !== undefined && word !== 'null');
	const list = types.includes('array') || (types.length === 0 && named.endsWith('s'));
	if (!list && types.length > 0 && !types.includes('string')) return undefined;
	return { kind: named.split('_')[0] as MediaKind, list };
}

function kindOf({ type, enum: values }: Schema): InputKind {
	const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);
	if (values?.some(isPlain) && values.every((value) => value === null || isPlain(value))) {
		return 'choice';
	}
	const types = [type].flat().filter((word) => word !== undefined && word !== 'null');
	if (types.length !== 1) return types.every(isNumber) && types.length > 0 ? 'number' : 'any';
	const [only] = types;
	if (isNumber(only)) return 'number';
	if (only === 'boolean') return 'boolean';
	return only === 'array' ? 'list' : only === 'object' ? 'object' : 'text';
}

function isNumber(type: unknown): boolean {
	return type === 'number' || type === 'integer';
}

/** Limits that can be checked without a file's pixels (RunComfy's own clients read these two names). */
function fileLimits(validations: unknown): ModelInputField['fileMib'] {
	const rules = Array.isArray(validations) ? validations.filter(isObject) : [];
	const valuesOf = (rule: string) =>
		rules.flatMap(({ validation_rule: name, validation_value: value }) =>
			name === rule && typeof value === 'number' ? [value] : [],
		);
	const most = valuesOf('file_size_mb<');
	const least = valuesOf('file_size_mb>');
	return {
		...(most.length > 0 && { most: Math.min(...most) }),
		...(least.length > 0 && { least: Math.max(...least) }),
	};
}

/** The keywords by which a schema may have more inputs than it names. */
function openWords(schema: Record<string, unknown>): string[] {
	const { additionalProperties: more } = schema;
	return [
		...[...COMPOSED, 'patternProperties'].filter((word) => word in schema),
		...(more === undefined || more === false ? [] : ['additionalProperties']),
	];
}

function inOneLine(title: string): string {
	const line = title.replace(/\s+/g, ' ').trim();
	return line.length > LONGEST_LABEL ? `${line.slice(0, LONGEST_LABEL)}…` : line;
}

/** The label of an input; that of a file does not say URL, for it takes more than that. */
function labelOf(title: string, name: string, isFile: boolean): string {
	const label = title || wordsOf(name);
	return isFile ? label.replace(/\s+urls?$/i, '') : label;
}

function wordsOf(name: string): string {
	const words = name.split(/[\s_-]+/).filter(Boolean);
	const label = words
		.map((word) => CAPITALS.get(word.toLowerCase()) ?? word.charAt(0).toUpperCase() + word.slice(1))
		.join(' ');
	return label || name;
}

/**
 * Two inputs under one label could not be told apart, and n8n (2.41.1) makes the argument of an agent's
 * tool of a label.
 */
function withOwnLabels(fields: ModelInputField[]): ModelInputField[] {
	const taken = new Set<string>();
	const isFree = (label: string) => {
		const key = label.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_');
		return !taken.has(key) && taken.add(key).size > 0;
	};
	return fields.map((field) => {
		let { label } = field;
		for (let number = 2; !isFree(label); number++) label = `${field.label} ${number}`;
		return { ...field, label };
	});
}

function inFormOrder(fields: ModelInputField[], required: string[]): ModelInputField[] {
	const rank = ({ name, required: isRequired, media }: ModelInputField) =>
		(isRequired ? 0 : 10) + (name === 'prompt' ? 0 : media ? 1 : 2);
	return fields.toSorted(
		(one, other) =>
			rank(one) - rank(other) || required.indexOf(one.name) - required.indexOf(other.name),
	);
}
