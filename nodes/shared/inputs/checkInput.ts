import * as z from 'zod/v4-mini';
import { isBlank } from '../parameters/blankText';
import { isObject } from '../parameters/jsonText';
import { nearestName } from '../parameters/nearestName';
import { isNothing, wrongValue } from '../parameters/wrongValue';
import type { InputFault } from './inputFault';
import { inputRule, listed } from './inputRule';
import type { JsonType, Schema } from './schema';

// Compiled validators would need `new Function`, which hardened hosts forbid.
z.config({ jitless: true });

type Zod = z.ZodMiniType;

const MOST_NAMES = 30;
const LARGEST = Number.MAX_SAFE_INTEGER;
const INEXACT = `must be a number that can be sent exactly, from ${-LARGEST} to ${LARGEST}, but is larger`;

const zodOfSchema = new WeakMap<Schema, Zod>();

/**
 * Checks an input against the schema of a model. Where the schema cannot tell, a value is right.
 *
 * @param input every file in it as text
 * @returns every fault found; empty when the input can be sent
 */
export function checkInput(input: Record<string, unknown>, schema: Schema): InputFault[] {
	const check = zodOfSchema.get(schema) ?? zodOf(schema);
	zodOfSchema.set(schema, check);
	const { error } = check.safeParse(bare(input));
	const faults = (error?.issues ?? []).flatMap((issue): InputFault[] => {
		const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
		if (issue.code !== 'unrecognized_keys') return [{ path, says: faultOf(input, schema, path) }];
		const names = Object.keys(schemaAt(schema, path)?.properties ?? {});
		const given = valueAt(input, path) as object;
		const free = names.filter((name) => !Object.hasOwn(given, name));
		const whose = path.length === 0 ? 'an input of this model' : 'one of its fields';
		return issue.keys.map((name) => ({
			path: [...path, name],
			says: `is not ${whose}: ${unknownName(name, names, free)}`,
		}));
	});
	return [...faults, ...inexactNumbers(input)];
}

/** Numbers anywhere in an input, known to the schema or not, that would be sent as others. */
function inexactNumbers(value: unknown, path: InputFault['path'] = []): InputFault[] {
	if (!isExact(value)) return [{ path, says: INEXACT }];
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([name, part]) =>
		inexactNumbers(part, [...path, Array.isArray(value) ? Number(name) : name]),
	);
}

/** Whether a value is right by a schema. */
export function accepts(schema: Schema, value: unknown): boolean {
	return zodOf(schema).safeParse(bare(value)).success;
}

function zodOf(schema: Schema): Zod {
	if (schema.choices) return z.literal(schema.choices as [string]);
	const kinds = schema.types.map((type) => ZOD[type](schema));
	return kinds.length > 1 ? z.union(kinds) : (kinds[0] ?? z.unknown());
}

const ZOD: Record<JsonType, (schema: Schema) => Zod> = {
	// As JSON Schema counts: a character outside the basic plane is one.
	string: ({ minLength = 0, maxLength = Infinity }) =>
		z.string().check(z.refine((text) => isBetween([...text].length, minLength, maxLength))),
	number: (schema) => z.number().check(inRange(schema)),
	integer: (schema) => z.int().check(inRange(schema)),
	boolean: () => z.boolean(),
	null: () => z.null(),
	array: ({ items = { types: [] }, minItems = 0, maxItems = Infinity }) =>
		z.array(zodOf(items)).check(z.refine(({ length }) => isBetween(length, minItems, maxItems))),
	object: ({ properties = {}, required = [], closed }) => {
		const shape = Object.fromEntries(
			Object.entries(properties).map(([name, property]) => [
				name,
				required.includes(name) ? zodOfRequired(property) : z.optional(zodOf(property)),
			]),
		);
		return closed ? z.strictObject(shape) : z.looseObject(shape);
	},
};

/** What is required must also show something, unless nothing is a choice. */
function zodOfRequired(schema: Schema): Zod {
	if (schema.choices) return zodOf(schema);
	const isGiven = (value: unknown) =>
		value === null ? schema.types.includes('null') : !isBlankText(value);
	return zodOf(schema).check(z.refine(isGiven));
}

export function isBlankText(value: unknown): boolean {
	return isNothing(value) || (typeof value === 'string' && isBlank(value));
}

/** True for a value in which nothing is given, however it is nested. */
export function isEmpty(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return isBlankText(value);
	return Object.values(value).every(isEmpty);
}

/** A larger whole number has lost digits before it came here. */
function isExact(value: unknown): boolean {
	if (typeof value !== 'number') return true;
	return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

function inRange({ minimum = -Infinity, maximum = Infinity }: Schema) {
	return z.refine<number>((value) => isBetween(value, minimum, maximum));
}

function isBetween(value: number, least: number, most: number): boolean {
	return value >= least && value <= most;
}

/** Objects without what every object has, such as `constructor`, which zod would take for a property. */
function bare(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(bare);
	if (!isObject(value)) return value;
	const copy = Object.create(null) as Record<string, unknown>;
	for (const [name, part] of Object.entries(value)) copy[name] = bare(part);
	return copy;
}

function faultOf(input: unknown, whole: Schema, path: InputFault['path']): string {
	const value = valueAt(input, path);
	const schema = schemaAt(whole, path) ?? { types: [] };
	const isRequired = schemaAt(whole, path.slice(0, -1))?.required?.includes(String(path.at(-1)));
	if (isRequired && isBlankText(value)) return 'is required';
	if (!isExact(value)) return INEXACT;
	const rule = inputRule(schema);
	const takesText = !schema.choices && schema.types.includes('string');
	if (takesText && typeof value === 'string') {
		return `must be ${rule}, but has ${[...value].length}`;
	}
	return wrongValue(value, rule, takesText || isComposed(schema));
}

function isComposed({ types }: Schema): boolean {
	return types.includes('array') || types.includes('object');
}

function unknownName(name: string, names: string[], free: string[]): string {
	const near = nearestName(name, free);
	const all = listed(names, MOST_NAMES);
	return near ? `did you mean ${near}? There are ${all}` : `remove it, or use one of ${all}`;
}

function valueAt(value: unknown, path: InputFault['path']): unknown {
	return path.reduce<unknown>((whole, part) => {
		const parts = (whole ?? {}) as Record<string | number, unknown>;
		return Object.hasOwn(parts, part) ? parts[part] : undefined;
	}, value);
}

function schemaAt(schema: Schema, path: InputFault['path']): Schema | undefined {
	return path.reduce<Schema | undefined>(
		(whole, part) => (typeof part === 'number' ? whole?.items : whole?.properties?.[part]),
		schema,
	);
}
