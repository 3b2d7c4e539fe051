import { distance } from 'fastest-levenshtein';
import { isBlank } from '../../shared/parameters/blankText';
import type { InputFault } from '../../shared/parameters/inputFault';
import { isNothing, wrongValue } from '../../shared/parameters/wrongValue';
import type { Schema } from './cleanSchema';
import { inputRule, listed } from './inputRule';
import type { ModelInputField, ModelInputs } from './modelInputs';
import { schemaFaults, type SchemaFault } from './schemaFaults';

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
		...fields.flatMap((field) =>
			fieldFaults(field, Object.hasOwn(input, field.name) ? input[field.name] : undefined),
		),
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
	return schemaFaults(value, schema).map((fault) => ({
		path: [name, ...fault.path],
		says: faultWords(fault, kind !== 'choice'),
	}));
}

function faultWords({ value, schema, missing }: SchemaFault, isPrivate: boolean): string {
	if (missing.length > 0) {
		return `must have ${missing.map((name) => JSON.stringify(name)).join(', ')}`;
	}
	const rule = inputRule(schema);
	const isText = [schema.type].flat().includes('string') && typeof value === 'string';
	const isTooShortOrLong = isText && !schema.enum && schema.pattern === undefined;
	return isTooShortOrLong
		? `must be ${rule}, but has ${[...value].length}`
		: wrongValue(value, rule, isPrivate && schema.enum === undefined);
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
