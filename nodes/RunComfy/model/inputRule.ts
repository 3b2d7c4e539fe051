import type { Schema } from './cleanSchema';

const MOST_CHOICES = 12;
const LONGEST_NAME = 60;

/** What a value must be, as the end of "… must be". */
export function inputRule(schema: Schema): string {
	const { type, enum: values } = schema;
	const types = [type].flat().filter((word) => word !== undefined && word !== 'null');
	if (values) return choiceRule(values.filter((value) => value !== null));
	if (types.length !== 1) return types.length > 0 ? types.join(' or ') : 'another value';
	switch (types[0]) {
		case 'integer':
			return `a whole number${rangeRule(schema)}`;
		case 'number':
			return `a number${rangeRule(schema)}`;
		case 'string':
			return `text${lengthRule(schema.minLength, schema.maxLength, 'characters')}${
				schema.pattern === undefined ? '' : ` that matches ${schema.pattern}`
			}`;
		case 'array':
			return `a list${lengthRule(schema.minItems, schema.maxItems, 'entries')}`;
		case 'object':
			return 'an object';
		default:
			return 'true or false';
	}
}

/** The range of a number, as words that follow "a number"; empty when there is none. */
export function rangeRule(schema: Schema): string {
	const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
	const range =
		minimum !== undefined && maximum !== undefined
			? [`from ${minimum} to ${maximum}`]
			: [
					...(minimum === undefined ? [] : [`of at least ${minimum}`]),
					...(maximum === undefined ? [] : [`of at most ${maximum}`]),
				];
	const words = [
		...range,
		...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
		...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
		...(multipleOf === undefined ? [] : [`in steps of ${multipleOf}`]),
	];
	return words.map((part) => ` ${part}`).join('');
}

function choiceRule(values: unknown[]): string {
	const shown = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
	return values.length === 1 ? shortened(shown[0]) : `one of ${listed(shown, MOST_CHOICES)}`;
}

/** Names with commas between, cut to what an error has room for. */
export function listed(names: string[], most: number): string {
	const more = names.length > most ? `, … (${names.length} in all)` : '';
	return `${names.slice(0, most).map(shortened).join(', ')}${more}`;
}

function shortened(name: string): string {
	return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

function lengthRule(least: number | undefined, most: number | undefined, unit: string): string {
	if (least && most !== undefined) return ` of ${least} to ${most} ${unit}`;
	if (most !== undefined) return ` of at most ${most} ${unit}`;
	return least ? ` of at least ${least} ${unit}` : '';
}
