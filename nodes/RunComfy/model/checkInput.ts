import { validate } from '@cfworker/json-schema';
import { distance } from 'fastest-levenshtein';
import { isBlank } from '../../shared/form/blankText';
import { isNothing, wrongValue } from '../../shared/form/wrongValue';
import { isObject, type Schema } from './cleanSchema';
import { inputRule, listed } from './inputRule';
import type { ModelInputField, ModelInputs } from './modelInputs';

/** One thing wrong with an input. */
export interface InputFault {
	/** Where: the name of an input, then what leads to a value inside it. */
	path: Array<string | number>;
	/** The fault as the rest of a sentence that starts with the field: "must be …, but is …". */
	says: string;
}

/** Errors of the validator that only lead to others. */
const CONTAINERS = new Set(['properties', 'items', 'required']);
/** A name with a larger share of other letters is another name. */
const NEAR = 0.5;
const MOST_NAMES = 30;

/**
 * Checks an input against what a model takes. Where the schema cannot tell, a value is right.
 *
 * @param input every file in it as text
 * @returns every fault found, one for each value; empty when the input can be sent
 */
export function checkInput(
	input: Record<string, unknown>,
	{ fields, complete }: ModelInputs,
): InputFault[] {
	const unknown = Object.keys(input).filter((name) => !fields.some((field) => field.name === name));
	return [
		...(complete ? unknown.map((name) => unknownFault(name, fields, input)) : []),
		...fields.flatMap((field) => fieldFaults(field, valueAt(input, [field.name]))),
	];
}

function fieldFaults(
	{ name, required, schema, kind }: ModelInputField,
	value: unknown,
): InputFault[] {
	const empty = isNothing(value) || (typeof value === 'string' && isBlank(value));
	const isTaken = (value === null && isNullable(schema)) || schema.enum?.includes(value);
	if (required && empty && !isTaken) {
		return [{ path: [name], says: 'is required' }];
	}
	if (value === undefined) return [];
	const isPrivate = kind !== 'choice';
	const { errors } = validate(value, schema, '2020-12', {}, false);
	const faults = new Map<string, InputFault>();
	for (const { instanceLocation, keyword } of errors) {
		if (CONTAINERS.has(keyword) && keyword !== 'required') continue;
		const inside = pathIn(instanceLocation);
		if (faults.has(instanceLocation)) continue;
		faults.set(instanceLocation, {
			path: [name, ...inside],
			says: faultOf(valueAt(value, inside), schemaAt(schema, inside), keyword, isPrivate),
		});
	}
	return [...faults.values()];
}

function faultOf(value: unknown, schema: Schema, keyword: string, isPrivate: boolean): string {
	if (keyword === 'required') {
		const given = isObject(value) ? value : {};
		const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(given, name));
		return `must have ${missing.map((name) => JSON.stringify(name)).join(', ')}`;
	}
	const rule = inputRule(schema);
	if (/Length$/.test(keyword)) return `must be ${rule}, but has ${[...String(value)].length}`;
	return wrongValue(value, rule, isPrivate && schema.enum === undefined);
}

function unknownFault(
	name: string,
	fields: ModelInputField[],
	input: Record<string, unknown>,
): InputFault {
	const free = fields
		.filter((field) => !Object.hasOwn(input, field.name))
		.map((field) => field.name);
	const near = nearest(name, free);
	const names = listed(
		fields.map((field) => field.name),
		MOST_NAMES,
	);
	return {
		path: [name],
		says: near
			? `is not an input of this model: did you mean ${near}? Its inputs are ${names}`
			: `is not an input of this model: remove it, or use one of ${names}`,
	};
}

/** The most similar name: one that has all words of the other, or else the one with the fewest different letters. */
function nearest(name: string, names: string[]): string | undefined {
	const given = wordsOf(name);
	const ranked = names
		.map((other) => {
			const known = wordsOf(other);
			const [few, many] = given.length < known.length ? [given, known] : [known, given];
			const [one, two] = [given.join(''), known.join('')];
			const far = distance(one, two) / Math.max(one.length, two.length, 1);
			return { other, far: few.every((word) => many.includes(word)) ? 0 : far };
		})
		.sort((one, two) => one.far - two.far);
	return ranked.find(({ far }) => far <= NEAR)?.other;
}

function wordsOf(name: string): string[] {
	return name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function isNullable({ type }: Schema): boolean {
	return [type].flat().includes('null');
}

function pathIn(location: string): Array<string | number> {
	return location
		.split('/')
		.slice(1)
		.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
		.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function valueAt(value: unknown, path: Array<string | number>): unknown {
	return path.reduce<unknown>(
		(parent, key) =>
			typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key)
				? (parent as Record<string | number, unknown>)[key]
				: undefined,
		value,
	);
}

function schemaAt(schema: Schema, path: Array<string | number>): Schema {
	return path.reduce<Schema>(
		(parent, key) =>
			(typeof key === 'number' && parent.items ? parent.items : parent.properties?.[key]) ?? {},
		schema,
	);
}
