import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import { toJsonSchema } from '../fixtures/jsonSchema';
import { fileIn, isMedia, type MediaFile, type MediaKind } from './mediaUri';

/** One thing that is wrong with an input, as RunComfy lists it in `detail`. */
export interface InputFault {
	/** `body`, then names and indexes down to the value. */
	loc: string[];
	msg: string;
	/** The keyword of the schema that the value breaks. */
	type: string;
}

const KINDS: MediaKind[] = ['image', 'video', 'audio'];
/** What `validations` of a schema compare. */
const MEASURES: Record<string, (file: MediaFile) => number | undefined> = {
	file_size_mb: ({ bytes }) => bytes.length / 2 ** 20,
	'width/height': ({ size }) => size && size[0] / size[1],
	width_pixels: ({ size }) => size?.[0],
	height_pixels: ({ size }) => size?.[1],
};

const ajv = new Ajv({
	strict: false,
	allErrors: true,
	ownProperties: true,
	multipleOfPrecision: 6,
});
for (const kind of KINDS) ajv.addFormat(`${kind}_uri`, (value) => isMedia(value, kind));
ajv.addKeyword({
	keyword: 'validations',
	type: 'string',
	validate: (rules: unknown[], value: string) => rules.every((rule) => isKept(rule, value)),
});

const compiled = new Map<string, ValidateFunction>();

/**
 * Judges an input by the schema of its model, without the node's code.
 *
 * @param schema as the catalog has it
 * @returns everything that is wrong; files behind a URL are not looked at
 */
export function inputFaults(schema: unknown, input: unknown): InputFault[] {
	const key = JSON.stringify(schema) ?? '';
	const matches = compiled.get(key) ?? ajv.compile(toJsonSchema(schema));
	compiled.set(key, matches);
	matches(input);
	return (matches.errors ?? []).map(faultOf);
}

function faultOf({ instancePath, keyword, message = '', params }: ErrorObject): InputFault {
	const { missingProperty, additionalProperty } = params as Record<string, string | undefined>;
	const path = instancePath
		.split('/')
		.slice(1)
		.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
	const name = missingProperty ?? additionalProperty;
	return {
		loc: ['body', ...path, ...(name === undefined ? [] : [name])],
		msg: message,
		type: keyword,
	};
}

function isKept(rule: unknown, value: string): boolean {
	const { validation_rule: text, validation_value: limit } = rule as Record<string, unknown>;
	const [, name, sign] = /^(.+)([<>])$/.exec(String(text)) ?? [];
	const file = KINDS.map((kind) => fileIn(value, kind)).find(Boolean);
	const measured = file && MEASURES[name]?.(file);
	if (measured === undefined || typeof limit !== 'number') return true;
	return sign === '<' ? measured < limit : measured > limit;
}
