import { isObject, isOfType, type Schema } from './cleanSchema';

/** A value that a schema refuses, or that lacks what the schema wants of it. */
export interface SchemaFault {
	/** What leads to it from the value that was checked; empty for this value itself. */
	path: Array<string | number>;
	value: unknown;
	/** What it was held against. */
	schema: Schema;
	/** The names that it lacks, when nothing else is wrong with it. */
	missing: string[];
}

/** Holds a value of JSON against a schema. Whatever the schema does not name is right. */
export function schemaFaults(
	value: unknown,
	schema: Schema,
	path: SchemaFault['path'] = [],
): SchemaFault[] {
	if (!fits(value, schema)) return [{ path, value, schema, missing: [] }];
	if (Array.isArray(value)) {
		return value.flatMap((part, index) => schemaFaults(part, schema.items ?? {}, [...path, index]));
	}
	if (!isObject(value)) return [];
	const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
	const inside = Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
		Object.hasOwn(value, name) ? schemaFaults(value[name], part, [...path, name]) : [],
	);
	return missing.length > 0 ? [{ path, value, schema, missing }, ...inside] : inside;
}

/** Whether a value is right but for what is inside it. */
function fits(value: unknown, schema: Schema): boolean {
	const { type, enum: choices, minLength, maxLength, pattern, minItems, maxItems } = schema;
	if (type !== undefined && ![type].flat().some((one) => isOfType(value, one))) return false;
	if (choices && !choices.includes(value) && !choices.some(isLike(value))) return false;
	if (typeof value === 'number') return isInRange(value, schema);
	if (Array.isArray(value)) return isBetween(value.length, minItems, maxItems);
	if (typeof value !== 'string') return true;
	const isMatch = pattern === undefined || new RegExp(pattern, 'u').test(value);
	// As JSON Schema counts: a character outside the basic plane is one.
	return isMatch && isBetween([...value].length, minLength, maxLength);
}

/** Objects and lists among the choices are not looked into. */
function isLike(value: unknown): (choice: unknown) => boolean {
	const isComposed = (one: unknown) => typeof one === 'object' && one !== null;
	return (choice) => isComposed(choice) && isComposed(value);
}

function isInRange(value: number, schema: Schema): boolean {
	const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity, multipleOf } = schema;
	return (
		isBetween(value, schema.minimum, schema.maximum) &&
		!(value <= exclusiveMinimum) &&
		!(value >= exclusiveMaximum) &&
		(multipleOf === undefined || isMultiple(value, multipleOf))
	);
}

function isBetween(value: number, least = -Infinity, most = Infinity): boolean {
	return value >= least && value <= most;
}

/** With room for the last digits: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, step: number): boolean {
	const steps = value / step;
	return Math.abs(steps - Math.round(steps)) <= 1e-9 * Math.max(1, Math.abs(steps));
}
