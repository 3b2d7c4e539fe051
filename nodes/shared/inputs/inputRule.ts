import type { JsonType, Schema } from './schema';

const MOST_CHOICES = 12;
const LONGEST_NAME = 60;

/** What a value must be, as the end of "… must be". */
export function inputRule(schema: Schema): string {
	const choices = schema.choices?.filter((value) => value !== null);
	if (choices) {
		const names = listed(choices.map(String), MOST_CHOICES);
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
export function listed(names: string[], most: number): string {
	const more = names.length > most ? `, … (${names.length} in all)` : '';
	return `${names.slice(0, most).map(shortened).join(', ')}${more}`;
}

function shortened(name: string): string {
	return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}
