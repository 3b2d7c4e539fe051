import type { Schema } from './cleanSchema';

const MOST_CHOICES = 12;

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
	const shown = values
		.slice(0, MOST_CHOICES)
		.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
	const more = values.length > MOST_CHOICES ? `, … (${values.length} in all)` : '';
	return values.length === 1 ? shown[0] : `one of ${shown.join(', ')}${more}`;
}

function lengthRule(least: number | undefined, most: number | undefined, unit: string): string {
	if (least && most !== undefined) return ` of ${least} to ${most} ${unit}`;
	if (most !== undefined) return ` of at most ${most} ${unit}`;
	return least ? ` of at least ${least} ${unit}` : '';
}
