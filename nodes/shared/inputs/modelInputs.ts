import { isObject } from '../parameters/jsonText';
import { accepts } from './checkInput';
import { OPENS, propertiesOf, textsIn, type Schema } from './schema';

/** How a value is given in a form. */
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
	name: string;
	label: string;
	kind: InputKind;
	required: boolean;
	schema: Schema;
	/** The API's own default, which is often a sample. */
	preset?: unknown;
}

/** What a model takes, as far as its schema tells it. */
export interface ModelInputs {
	/** In the order of the form: required ones first, and among these the prompt, then files. */
	fields: ModelInputField[];
	/** What an input is checked against, as a whole. */
	schema: Schema;
	/** What of the schema is not checked, and passed on. */
	unchecked: string[];
}

const LONGEST_LABEL = 60;
/** Words in names with their own capitalization. */
const CAPITALS = new Map(
	['URL', 'URLs', 'ID', 'IDs', 'CFG', 'FPS', 'AI', 'HD', 'LoRA'].map((word) => [
		word.toLowerCase(),
		word,
	]),
);

/**
 * Reads the schema of a model's input, which is not trusted: what is missing or contradicts itself is
 * passed on, never an error. Other names than it has are refused unless it may have more of them.
 *
 * @param raw `input_schema` as it came, or anything
 */
export function readModelInputs(raw: unknown): ModelInputs {
	const unchecked: string[] = [];
	const inputSchema = isObject(raw) ? raw : {};
	const properties = isObject(inputSchema.properties) ? inputSchema.properties : {};
	const required = textsIn(inputSchema.required);
	const nameless = required.filter((name) => !Object.hasOwn(properties, name));
	if (nameless.length > 0) unchecked.push(`required, which names no input: ${nameless.join(', ')}`);
	const open = [...OPENS, 'patternProperties'].filter((word) => word in inputSchema);
	const { additionalProperties: more } = inputSchema;
	if (more !== undefined && more !== false) open.push('additionalProperties');
	unchecked.push(...open);
	if (Object.keys(properties).length === 0) unchecked.push('there are no properties');

	const named = propertiesOf(inputSchema, properties, '', unchecked, 0);
	const fields = Object.entries(named.properties ?? {}).map(
		([name, schema]): ModelInputField => ({
			name,
			label: labelOf(name, properties[name], schema),
			kind: kindOf(schema),
			required: required.includes(name),
			schema,
			...presetOf(properties[name], schema),
		}),
	);
	const closed = fields.length > 0 && nameless.length === 0 && open.length === 0;
	return {
		fields: withOwnLabels(inFormOrder(fields, required)),
		schema: { types: ['object'], ...named, closed },
		unchecked,
	};
}

/** How a value of a schema is given. */
export function kindOf({ file, items, choices, types }: Schema): InputKind {
	if (file) return 'file';
	if (items?.file) return 'files';
	if (choices?.some((value) => value !== null)) return 'choice';
	const [only, ...more] = types.filter((type) => type !== 'null');
	const isNumber = only === 'number' || only === 'integer';
	if (isNumber && more.every((type) => type === 'number' || type === 'integer')) return 'number';
	if (only === undefined || more.length > 0) return 'any';
	if (only === 'boolean') return 'boolean';
	return only === 'array' ? 'list' : only === 'object' ? 'object' : 'text';
}

/** A default that the schema itself refuses is none. */
function presetOf(property: unknown, schema: Schema): Pick<ModelInputField, 'preset'> {
	if (!isObject(property) || !('default' in property)) return {};
	return accepts(schema, property.default) ? { preset: property.default } : {};
}

/** The label of an input; that of a file does not say URL, for it takes more than that. */
function labelOf(name: string, property: unknown, schema: Schema): string {
	const title = isObject(property) && typeof property.title === 'string' ? property.title : '';
	const label = inOneLine(title) || wordsOf(name);
	return schema.file || schema.items?.file ? label.replace(/ urls?$/i, '') : label;
}

function inOneLine(title: string): string {
	const line = title.replace(/\s+/g, ' ').trim();
	return line.length > LONGEST_LABEL ? `${line.slice(0, LONGEST_LABEL)}…` : line;
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
	const rank = ({ name, required: isRequired, kind }: ModelInputField) =>
		(isRequired ? 0 : 10) + (name === 'prompt' ? 0 : kind.startsWith('file') ? 1 : 2);
	return fields.toSorted(
		(one, other) =>
			rank(one) - rank(other) || required.indexOf(one.name) - required.indexOf(other.name),
	);
}
