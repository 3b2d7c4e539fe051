import { asJson, parseJsonField } from '../shared/parameters/jsonText';
import { readNumericText } from '../shared/parameters/numericText';
import { isNothing } from '../shared/parameters/wrongValue';
import type { ModelInputField } from './model/modelInputs';

type Fields = Record<string, unknown>;

/**
 * The values of the form in the types of the schema: a number, a switch or a choice may also come as
 * text, as a sheet or an agent gives it, and a list or an object as JSON. A text, file or list that is
 * empty is not sent. Where any other has no value, it becomes `null`, so that it is refused: its default
 * could cost more, or give another result, than what was meant.
 *
 * @throws RunComfyError `invalidInput` for JSON that is none
 */
export function formValues(given: Fields, fields: ModelInputField[]): Fields {
	return Object.fromEntries(
		Object.entries(given).flatMap(([name, held]): Array<[string, unknown]> => {
			const value = asJson(held);
			const field = fields.find((one) => one.name === name);
			const isSetting = field && ['number', 'boolean', 'choice'].includes(field.kind);
			const isChoice = field?.schema.enum?.includes(value);
			if (isNothing(value) && !isChoice) return isSetting ? [[name, null]] : [];
			return [[name, field ? typedValue(value, field) : value]];
		}),
	);
}

function typedValue(value: unknown, { kind, label, schema }: ModelInputField): unknown {
	switch (kind) {
		case 'number':
			return readNumericText(value);
		case 'boolean':
			return switched(value);
		case 'choice':
			return schema.enum?.includes(value)
				? value
				: (schema.enum?.find((choice) => String(choice) === String(value).trim()) ?? value);
		case 'text':
			return typeof value === 'number' ? String(value) : value;
		case 'list':
		case 'object':
			return parseJsonField(value, label);
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
