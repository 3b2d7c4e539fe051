import { jsonParse } from 'n8n-workflow';
import { invalidInput } from '../api/errors';
import type { Item } from '../parameters/item';
import { asJson, isObject, parseJsonField } from '../parameters/jsonText';
import { isNothing, readNumericText } from '../parameters/values';
import type { ModelInputField } from './modelInputs';
import { ANY, kindOf, partOf, type Choice, type Schema } from './schema';

type Values = Record<string, unknown>;

/**
 * The values of the form, as they are: n8n would hold them to the form that the workflow keeps. That form is
 * not read, for it contains texts from RunComfy, and n8n (2.41.1) evaluates any text of a parameter that is read
 * as an expression.
 *
 * @throws RunComfyError `invalidInput` for what n8n would ignore, for it would be billed as an empty form
 */
export function readMapper(item: Item): Values {
	const held = item.raw('inputs');
	const { mappingMode = 'defineBelow', value = null } = isObject(held) ? held : {};
	const given: unknown =
		value === null
			? {}
			: item.context.getNodeParameter('inputs.value', item.index, null, { skipValidation: true });
	if (isObject(held) && mappingMode === 'defineBelow' && isObject(given)) return given;
	throw invalidInput(
		'Inputs must be filled in field by field: for an expression of all inputs, choose Specify Inputs → Using JSON',
	);
}

/**
 * The values of a form in the types of the schema: a number, a switch or a choice may also come as
 * text, as a sheet or an agent gives it, and a list or an object as JSON. A text, file or list that is
 * empty is not sent. Where any other has no value, it becomes `null`, so that it is refused: its default
 * could cost more, or give another result, than what was meant.
 *
 * @throws RunComfyError `invalidInput` for JSON that is none
 */
export function formValues(given: Values, fields: ModelInputField[]): Values {
	const values: Values = {};
	for (const [name, held] of Object.entries(given)) {
		const value = asJson(held);
		const field = fields.find((one) => one.name === name);
		const isSetting = field && ['number', 'boolean', 'choice'].includes(field.kind);
		const isChoice = field?.schema.choices?.includes(value as Choice);
		if (!isNothing(value) || isChoice) {
			values[name] = field ? typedValue(value, field.schema, field.label) : value;
		} else if (isSetting) {
			values[name] = null;
		}
	}
	return values;
}

function typedValue(value: unknown, schema: Schema, label: string): unknown {
	if (schema === ANY) return value;
	const typed = (part: unknown, key: string | number) =>
		typedValue(part, partOf(schema, key), label);
	switch (kindOf(schema)) {
		case 'number':
			return readNumericText(value);
		case 'boolean':
			return switched(value);
		case 'choice':
			return choiceOf(value, schema.choices);
		case 'text':
			return typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
		case 'list': {
			const list = parseJsonField(value, label);
			return Array.isArray(list) ? list.map(typed) : list;
		}
		case 'object': {
			const whole = parseJsonField(value, label);
			if (!isObject(whole)) return whole;
			const parts = Object.entries(whole).map(([name, part]) => [name, typed(part, name)]);
			return Object.fromEntries(parts) as unknown;
		}
		case 'any':
			return anyValue(value, schema);
		default:
			return value;
	}
}

/** Text for a number where one may be, or JSON for a list or an object; where that is none, text stays text. */
function anyValue(value: unknown, { types }: Schema): unknown {
	if (typeof value !== 'string') return value;
	if (types.includes('number') || types.includes('integer')) return readNumericText(value);
	const isJson = /^\s*[[{]/.test(value) && !types.includes('string');
	return isJson ? jsonParse<unknown>(value, { fallbackValue: value }) : value;
}

function switched(value: unknown): unknown {
	const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
	return word === 'true' ? true : word === 'false' ? false : value;
}

/** Takes text for the choice that it writes out, and a number for the text. */
function choiceOf(value: unknown, choices: Choice[] = []): unknown {
	if (choices.includes(value as Choice) || typeof value === 'object') return value;
	const written = String(value).trim();
	return choices.find((choice) => String(choice) === written) ?? value;
}
