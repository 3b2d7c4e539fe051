import { accepts } from './checkInput';
import { readInputSchema } from './readSchema';
import { kindOf, type InputKind, type Schema } from './schema';

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
	schema: Schema;
	/** What of the schema is not checked, and passed on. */
	unchecked: string[];
}

const LONGEST_LABEL = 60;
const CAPITALS = ['URL', 'URLs', 'ID', 'IDs', 'CFG', 'FPS', 'AI', 'HD', 'LoRA'];

/**
 * Reads the schema of a model's input, which is not trusted: what is missing or contradicts itself is
 * passed on, never an error. Other names than it has are refused unless it may have more of them.
 *
 * @param raw `input_schema` as it came, or anything
 */
export function readModelInputs(raw: unknown): ModelInputs {
	const { schema, unchecked } = readInputSchema(raw);
	const { properties = {}, required = [] } = schema;
	const fields = Object.entries(properties).map(([name, property]): ModelInputField => {
		const { preset } = property;
		return {
			name,
			label: labelOf(name, property),
			kind: kindOf(property),
			required: required.includes(name),
			schema: property,
			// A default that the schema itself refuses is none.
			...(preset !== undefined && accepts(property, preset) && { preset }),
		};
	});
	return { fields: withOwnLabels(inFormOrder(fields, required)), schema, unchecked };
}

/** The label of an input; that of a file does not say URL, for it takes more than that. */
function labelOf(name: string, { title = '', file, items }: Schema): string {
	const line = title.replace(/\s+/g, ' ').trim();
	const short = line.length > LONGEST_LABEL ? `${line.slice(0, LONGEST_LABEL)}…` : line;
	const label = short || wordsOf(name);
	return file || items?.file ? label.replace(/ urls?$/i, '') : label;
}

function wordsOf(name: string): string {
	const words = name.split(/[\s_-]+/).filter(Boolean);
	return words.map(capitalized).join(' ') || name;
}

function capitalized(word: string): string {
	const known = CAPITALS.find((one) => one.toLowerCase() === word.toLowerCase());
	return known ?? word.charAt(0).toUpperCase() + word.slice(1);
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
