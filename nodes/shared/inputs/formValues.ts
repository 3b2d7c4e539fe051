import { asJson, isObject, parseJsonField } from '../parameters/jsonText';
import { readNumericText } from '../parameters/numericText';
import { isNothing } from '../parameters/wrongValue';
import { kindOf, type ModelInputField } from './modelInputs';
import type { Choice, Schema } from './schema';

type Values = Record<string, unknown>;

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
	const { choices, items, properties = {} } = schema;
	switch (kindOf(schema)) {
		case 'number':
			return readNumericText(value);
		case 'boolean':
			return switched(value);
		case 'choice':
			return choiceOf(value, choices);
		case 'text':
			return typeof value === 'number' ? String(value) : value;
		case 'list': {
			const list = parseJsonField(value, label);
			return Array.isArray(list) && items
				? list.map((entry) => typedValue(entry, items, label))
				: list;
		}
		case 'object': {
			const whole = parseJsonField(value, label);
			if (!isObject(whole)) return whole;
			const typed = Object.entries(whole).map(([name, part]) => {
				const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
				return [name, property ? typedValue(part, property, label) : part];
			});
			return Object.fromEntries(typed) as unknown;
		}
		case 'any':
			return typeof value === 'string' && /^\s*[[{]/.test(value)
				? parseJsonField(value, label)
				: value;
		default:
			return value;
	}
}

/** Takes text for the switch that it writes out; a sheet writes `TRUE`. */
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
