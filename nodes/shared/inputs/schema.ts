import type { FormatName } from '../media/formats';
import type { MediaKind } from '../media/media';

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'null';
export type Choice = string | number | boolean | null;

/** The part of a JSON Schema that a value is checked against. What is absent restricts nothing. */
export interface Schema {
	/** The types that a value may have; any, where there are none. */
	types: JsonType[];
	title?: string;
	/** As it came: it may not fit. */
	preset?: unknown;
	choices?: Choice[];
	minimum?: number;
	maximum?: number | bigint;
	/** In characters, each code point as one. */
	minLength?: number;
	maxLength?: number;
	minItems?: number;
	maxItems?: number;
	items?: Schema;
	properties?: Record<string, Schema>;
	required?: string[];
	/** Whether there are no other properties than these. */
	closed?: boolean;
	/** What the file must be that a value stands for. */
	file?: FileType;
}

export interface FileType {
	/** Any media, where it is absent. */
	kind?: MediaKind;
	/** All of this kind, where there are none. */
	formats?: FormatName[];
	maximumMib?: number;
}

export const ANY: Schema = { types: [] };

/** Where a value is in an input: the names that lead there, places in a list from 0. */
export type Path = Array<string | number>;

/** What a schema says of a property, or of any entry of a list. */
export function partOf({ items, properties = {} }: Schema, key: string | number): Schema {
	if (typeof key === 'number') return items ?? ANY;
	return (Object.hasOwn(properties, key) ? properties[key] : undefined) ?? ANY;
}

/** A value in an input that holds no others. */
export interface Leaf {
	value: unknown;
	schema: Schema;
	path: Path;
}

export function leaves(value: unknown, schema: Schema, path: Path = []): Leaf[] {
	if (typeof value !== 'object' || value === null) return [{ value, schema, path }];
	return Object.entries(value).flatMap(([name, part]) => {
		const key = Array.isArray(value) ? Number(name) : name;
		return leaves(part, partOf(schema, key), [...path, key]);
	});
}

export type InputKind =
	| 'text'
	| 'number'
	| 'boolean'
	| 'choice'
	| 'file'
	| 'files'
	| 'list'
	| 'object'
	| 'any';

export function kindOf({ file, items, choices, types }: Schema): InputKind {
	if (file) return 'file';
	if (items?.file) return 'files';
	if (choices?.some((value) => value !== null)) return 'choice';
	const [only, ...more] = types.filter((type) => type !== 'null');
	const isNumber = only === 'number' || only === 'integer';
	if (isNumber && more.every((type) => type === 'number' || type === 'integer')) return 'number';
	if (only === undefined || more.length > 0) return 'any';
	if (only === 'boolean') return 'boolean';
	return only === 'array' ? 'list' : only === 'object' ? 'object' : 'text';
}
