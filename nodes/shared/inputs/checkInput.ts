import * as z from 'zod/v4-mini';
import { isObject } from '../parameters/jsonText';
import { nearestName } from '../parameters/nearestName';
import { isBlank, wrongValue } from '../parameters/values';
import { inputRule, listed, type InputFault } from './inputFault';
import { ANY, leaves, partOf, type JsonType, type Path, type Schema } from './schema';

// Compiled validators would need `new Function`, which hardened hosts forbid.
z.config({ jitless: true });

type Zod = z.ZodMiniType;

const LARGEST = Number.MAX_SAFE_INTEGER;
const INEXACT = `must be a number that can be sent exactly, from ${-LARGEST} to ${LARGEST}, but is larger`;

/**
 * Checks an input against the schema of a model. Where the schema cannot tell, a value is right.
 *
 * @param input every file in it as text
 * @param takesBigints whether a whole number may be larger than a JavaScript number holds, as a seed of ComfyUI is
 * @returns every fault found; empty when the input can be sent
 */
export function checkInput(
	input: Record<string, unknown>,
	schema: Schema,
	takesBigints = false,
): InputFault[] {
	const { error } = zodOf(schema).safeParse(bare(input), { reportInput: true });
	const faults = (error?.issues ?? []).flatMap((issue): InputFault[] => {
		const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
		return issue.code === 'unrecognized_keys'
			? unknownNames(issue.keys, issue.input as object, schemaAt(schema, path), path)
			: [{ path, says: faultOf(issue.input, schema, path) }];
	});
	const isRefused = (value: unknown) =>
		!isExact(value) || (typeof value === 'bigint' && !takesBigints);
	const inexact = leaves(input, schema).filter(({ value }) => isRefused(value));
	return [...faults, ...inexact.map(({ path }) => ({ path, says: INEXACT }))];
}

export function accepts(schema: Schema, value: unknown): boolean {
	return zodOf(schema).safeParse(bare(value)).success;
}

const zodOfSchema = new WeakMap<Schema, Zod>();

function zodOf(schema: Schema): Zod {
	const zod = zodOfSchema.get(schema) ?? toZod(schema);
	zodOfSchema.set(schema, zod);
	return zod;
}

function toZod(schema: Schema): Zod {
	if (schema.choices) return z.literal(schema.choices as [string]);
	const kinds = schema.types.map((type) => ZOD[type](schema));
	return kinds.length > 1 ? z.union(kinds) : (kinds[0] ?? z.unknown());
}

const ZOD: Record<JsonType, (schema: Schema) => Zod> = {
	// As JSON Schema counts: a character outside the basic plane is one.
	string: ({ minLength, maxLength }) =>
		z.string().check(z.refine((text) => isBetween([...text].length, minLength, maxLength))),
	number: (schema) => inRange(z.number(), schema),
	integer: (schema) => inRange(z.int(), schema),
	boolean: () => z.boolean(),
	null: () => z.null(),
	array: ({ items = ANY, minItems, maxItems }) =>
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

/** A bigint is a whole number that JSON holds, and JavaScript does not. */
function inRange(type: z.ZodMiniNumber, { minimum, maximum }: Schema): Zod {
	return z.union([type, z.bigint()]).check(z.refine((value) => isBetween(value, minimum, maximum)));
}

/** What is required must also show something, unless nothing is a choice. */
function zodOfRequired(schema: Schema): Zod {
	if (schema.choices) return zodOf(schema);
	const isGiven = (value: unknown) =>
		value === null ? schema.types.includes('null') : !isBlank(value);
	return zodOf(schema).check(z.refine(isGiven));
}

/** A larger whole number has lost digits before it came here. */
function isExact(value: unknown): boolean {
	if (typeof value !== 'number') return true;
	return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

function isBetween(
	value: number | bigint,
	least = -Infinity,
	most: number | bigint = Infinity,
): boolean {
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

function faultOf(value: unknown, whole: Schema, path: Path): string {
	const schema = schemaAt(whole, path);
	const isRequired = schemaAt(whole, path.slice(0, -1)).required?.includes(String(path.at(-1)));
	if (isRequired && isBlank(value)) return 'is required';
	if (!isExact(value)) return INEXACT;
	const rule = inputRule(schema);
	const { choices, types } = schema;
	const takesText = !choices && types.includes('string');
	if (takesText && typeof value === 'string') {
		return `must be ${rule}, but has ${[...value].length}`;
	}
	return wrongValue(value, rule, takesText || types.includes('array') || types.includes('object'));
}

function unknownNames(keys: string[], given: object, schema: Schema, path: Path): InputFault[] {
	const names = Object.keys(schema.properties ?? {});
	const free = names.filter((name) => !Object.hasOwn(given, name));
	const whose = path.length === 0 ? 'an input of this model' : 'one of its fields';
	const all = listed(names);
	return keys.map((key) => {
		const near = nearestName(key, free);
		const remedy = near ? `did you mean ${near}? There are` : 'remove it, or use one of';
		return { path: [...path, key], says: `is not ${whose}: ${remedy} ${all}` };
	});
}

function schemaAt(schema: Schema, path: Path): Schema {
	return path.reduce(partOf, schema);
}
