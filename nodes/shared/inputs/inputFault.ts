import { invalidInput, type RunComfyError } from '../api/errors';
import type { JsonType, Path, Schema } from './schema';

const MOST_FAULTS = 5;
const MOST_NAMES = 20;
const LONGEST_NAME = 60;

export interface InputFault {
	path: Path;
	/** The fault as the rest of a sentence that starts with the field: "must be …, but is …". */
	says: string;
}

export type NameOf = (path: Path) => string;

/** All faults of an item as one error, each once. */
export function faultList(faults: InputFault[], nameOf: NameOf): RunComfyError {
	const sentences = [...new Set(faults.map(({ path, says }) => `${nameOf(path)} ${says}`))];
	const more = sentences.splice(MOST_FAULTS).length;
	if (more > 0) sentences.push(`${more} more ${more === 1 ? 'field is' : 'fields are'} wrong too`);
	return invalidInput(sentences.join('. '));
}

/** Names a place by the names that lead there, or by the labels of a form. */
export function placeNames(form: Array<{ name: string; label: string }> = []): NameOf {
	const labels = new Map(form.map(({ name, label }) => [name, label]));
	return (path) =>
		path
			.map((key) =>
				typeof key === 'number' ? `entry ${key + 1}` : (labels.get(key) ?? shownName(key)),
			)
			.join(', ');
}

/** A name from JSON as errors show it: in quotes and cut, unless it is a plain one. */
export function shownName(name: string): string {
	return /^\w{1,60}$/.test(name) ? name : JSON.stringify(name.slice(0, LONGEST_NAME));
}

/** What a value must be, as the end of "… must be". */
export function inputRule(schema: Schema): string {
	const choices = schema.choices?.filter((value) => value !== null);
	if (choices) {
		const names = listed(choices.map(String));
		return choices.length === 1 ? names : `one of ${names}`;
	}
	const types = schema.types.filter((type) => type !== 'null');
	return types.map((type) => RULES[type](schema)).join(' or ') || 'another value';
}

const RULES: Record<JsonType, (schema: Schema) => string> = {
	string: ({ minLength, maxLength }) => `text${lengthRule(minLength, maxLength, 'characters')}`,
	number: (schema) => `a number${rangeRule(schema)}`,
	integer: (schema) => `a whole number${rangeRule(schema)}`,
	boolean: () => 'true or false',
	array: ({ minItems, maxItems }) => `a list${lengthRule(minItems, maxItems, 'entries')}`,
	object: () => 'an object',
	null: () => 'nothing',
};

/** The range of a number, as words that follow "a number"; empty when there is none. */
export function rangeRule({ minimum, maximum }: Schema): string {
	if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
	if (minimum !== undefined) return ` of at least ${minimum}`;
	return maximum === undefined ? '' : ` of at most ${maximum}`;
}

function lengthRule(least: number | undefined, most: number | undefined, unit: string): string {
	if (least && most !== undefined) return ` of ${least} to ${most} ${unit}`;
	if (most !== undefined) return ` of at most ${most} ${unit}`;
	return least ? ` of at least ${least} ${unit}` : '';
}

/** Names with commas between, cut to what an error has room for. */
export function listed(names: string[]): string {
	const more = names.length > MOST_NAMES ? `, … (${names.length} in all)` : '';
	const short = names.map((name) =>
		name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name,
	);
	return `${short.slice(0, MOST_NAMES).join(', ')}${more}`;
}
