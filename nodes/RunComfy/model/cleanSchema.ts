/** The part of JSON Schema that a value is checked against. */
export interface Schema {
	type?: JsonType | JsonType[];
	enum?: unknown[];
	minimum?: number;
	maximum?: number;
	exclusiveMinimum?: number;
	exclusiveMaximum?: number;
	multipleOf?: number;
	minLength?: number;
	maxLength?: number;
	pattern?: string;
	minItems?: number;
	maxItems?: number;
	items?: Schema;
	properties?: Record<string, Schema>;
	required?: string[];
}

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'null';

/** The names of types, with those that RunComfy's catalog uses beside JSON Schema's own. */
const TYPES = new Map<unknown, JsonType>([
	['string', 'string'],
	['str', 'string'],
	['number', 'number'],
	['float', 'number'],
	['double', 'number'],
	['integer', 'integer'],
	['int', 'integer'],
	['boolean', 'boolean'],
	['bool', 'boolean'],
	['array', 'array'],
	['list', 'array'],
	['object', 'object'],
	['dict', 'object'],
	['null', 'null'],
]);

/** Keywords of JSON Schema for a choice between schemas, or a reference. */
export const COMPOSED = ['oneOf', 'anyOf', 'allOf', '$ref', 'not', 'if'];
/** Keywords that do not restrict a value. */
const ABOUT = ['title', 'description', 'default', 'examples'];
const KEYWORDS = ['type', 'enum', 'const', 'properties', 'items', 'format', ...COMPOSED];
const DEEPEST = 8;
const LONGEST_PATTERN = 500;

/**
 * Keeps of a schema from outside what a value can be checked against without doubt. What is missing,
 * contradicts itself, or is not understood is left out and noted, so that no value is refused for it.
 *
 * @param raw anything
 * @param path where it is, for the notes
 * @param notes is added to: what is not checked
 */
export function cleanSchema(raw: unknown, path: string, notes: string[], depth = 0): Schema {
	const note = (words: string) => void notes.push(`${path}: ${words}`);
	if (!isObject(raw) || depth > DEEPEST) {
		if (raw !== true) note('no schema');
		return {};
	}
	const whole = withoutChoice(raw);
	if (whole !== raw) return cleanSchema(whole, path, notes, depth + 1);
	const composed = COMPOSED.filter((word) => word in raw);
	if (composed.length > 0) {
		note(composed.join(', '));
		return {};
	}

	const types = typesOf(raw.type, note);
	const type = withNull(types, takesNull(raw));
	const numbers = types.length === 0 || types.some((name) => /^(number|integer)$/.test(name));
	const isOf = (name: JsonType) => types.length === 0 || types.includes(name);
	return {
		...(type && { type }),
		...enumOf(raw, types, note),
		...(numbers && rangeOf(raw, note)),
		...(isOf('string') && {
			...lengthsOf(raw, 'minLength', 'maxLength', note),
			...patternOf(raw, note),
		}),
		...(isOf('array') && {
			...lengthsOf(raw, 'minItems', 'maxItems', note),
			...itemsOf(raw.items, path, notes, depth),
		}),
		...(isOf('object') && propertiesOf(raw, path, notes, depth)),
	};
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value of JSON is of a type; an integer is a number too. */
export function isOfType(value: unknown, type: JsonType): boolean {
	if (type === 'integer') return Number.isInteger(value);
	if (type === 'number') return Number.isFinite(value);
	if (value === null || Array.isArray(value)) return type === (value === null ? 'null' : 'array');
	return type === typeof value;
}

type Note = (words: string) => void;

/**
 * A schema without a choice that is none: between one schema and null, or of one schema alone. Any other
 * comes back as it is.
 */
export function withoutChoice(raw: Record<string, unknown>): Record<string, unknown> {
	const [word, ...more] = COMPOSED.filter((name) => name in raw);
	const branches = raw[word];
	if (more.length > 0 || !/^(one|any|all)Of$/.test(word) || !Array.isArray(branches)) return raw;
	const some = branches.filter((branch) => !isObject(branch) || branch.type !== 'null');
	if (some.length !== 1 || !isObject(some[0])) return raw;
	const [branch] = some;
	const rest = Object.entries(raw).filter(([name]) => name !== word);
	if (rest.some(([name]) => name in branch && !ABOUT.includes(name))) return raw;
	return {
		...branch,
		...Object.fromEntries(rest),
		...(branches.length > 1 && { nullable: true }),
	};
}

/** A default of null is a value too; `nullable` is how OpenAPI says it. */
function takesNull(raw: Record<string, unknown>): boolean {
	return raw.default === null || raw.nullable === true;
}

function typesOf(value: unknown, note: Note): JsonType[] {
	const names = value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
	const known = names.map((name) =>
		TYPES.get(typeof name === 'string' ? name.toLowerCase() : name),
	);
	const types = known.filter((type) => type !== undefined);
	if (types.length === names.length) return types;
	note(`type ${JSON.stringify(value)}`);
	return [];
}

function withNull(types: JsonType[], nullable: boolean): Schema['type'] {
	if (types.length === 0) return undefined;
	const all = nullable && !types.includes('null') ? [...types, 'null' as const] : types;
	return all.length === 1 ? all[0] : all;
}

function enumOf(raw: Record<string, unknown>, types: JsonType[], note: Note): Pick<Schema, 'enum'> {
	const values = 'const' in raw ? [raw.const] : raw.enum;
	if (values === undefined) return {};
	const fits =
		Array.isArray(values) &&
		values.some((value) => types.length === 0 || types.some((type) => isOfType(value, type)));
	if (fits) return { enum: takesNull(raw) ? [...values, null] : values };
	note('enum');
	return {};
}

function rangeOf(raw: Record<string, unknown>, note: Note): Schema {
	const range: Schema = {};
	for (const name of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const) {
		const value = raw[name];
		if (typeof value === 'number') range[name] = value;
		else if (value !== undefined && value !== null) note(name);
	}
	const least = range.minimum ?? range.exclusiveMinimum ?? -Infinity;
	const most = range.maximum ?? range.exclusiveMaximum ?? Infinity;
	if (least > most) {
		note('an empty range');
		return {};
	}
	const { multipleOf } = raw;
	if (typeof multipleOf === 'number' && multipleOf > 0) range.multipleOf = multipleOf;
	return range;
}

function lengthsOf(
	raw: Record<string, unknown>,
	least: 'minLength' | 'minItems',
	most: 'maxLength' | 'maxItems',
	note: Note,
): Schema {
	const isLength = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
	const named = [least, most].filter((name) => raw[name] !== undefined && raw[name] !== null);
	const good = named.filter((name) => isLength(raw[name]));
	if (good.length < named.length) note(`${least} or ${most}`);
	const lengths = Object.fromEntries(good.map((name) => [name, raw[name]])) as Record<
		string,
		number
	>;
	if ((lengths[least] ?? 0) <= (lengths[most] ?? Infinity)) return lengths;
	note('an empty range');
	return {};
}

function patternOf({ pattern }: Record<string, unknown>, note: Note): Pick<Schema, 'pattern'> {
	if (pattern === undefined || pattern === null) return {};
	if (typeof pattern === 'string' && isQuick(pattern) && isRegExp(pattern)) return { pattern };
	note('pattern');
	return {};
}

/**
 * True for a pattern that takes time in proportion to the text: from its start, without groups or a second
 * quantifier. Any other could keep n8n busy for years.
 */
function isQuick(pattern: string): boolean {
	if (pattern.length > LONGEST_PATTERN) return false;
	const atom = /\\[^1-9k]|\[(?:\\.|[^\\\]])+\]|[^\\()[\]{}|*+?^$]/.source;
	const fixed = `(?:${atom})(?:\\{\\d{1,3}\\})?`;
	const open = `(?:${atom})(?:[*+?]|\\{\\d{1,3},\\d{0,3}\\})\\??`;
	return new RegExp(`^\\^(?:${fixed})*(?:${open})?(?:${fixed})*\\$?$`, 's').test(pattern);
}

function isRegExp(text: string): boolean {
	try {
		return new RegExp(text, 'u').unicode;
	} catch {
		return false;
	}
}

/** RunComfy also writes a map of names under `items`, which is no schema. */
function itemsOf(
	items: unknown,
	path: string,
	notes: string[],
	depth: number,
): Pick<Schema, 'items'> {
	if (items === undefined || items === null) return {};
	if (isObject(items) && KEYWORDS.some((word) => word in items && !isObject(items[word]))) {
		return { items: cleanSchema(items, `${path}[]`, notes, depth + 1) };
	}
	notes.push(`${path}: items`);
	return {};
}

function propertiesOf(
	{ properties, required }: Record<string, unknown>,
	path: string,
	notes: string[],
	depth: number,
): Pick<Schema, 'properties' | 'required'> {
	if (!isObject(properties)) return {};
	const known = Object.entries(properties).map(([name, schema]): [string, Schema] => [
		name,
		cleanSchema(schema, `${path}.${name}`, notes, depth + 1),
	]);
	return {
		properties: Object.fromEntries(known),
		required: requiredNames(required).filter((name) => Object.hasOwn(properties, name)),
	};
}

/** The names in a `required`, which may be missing or of another shape. */
export function requiredNames(required: unknown): string[] {
	const names = Array.isArray(required) ? (required as unknown[]) : [];
	return names.filter((name) => typeof name === 'string');
}
