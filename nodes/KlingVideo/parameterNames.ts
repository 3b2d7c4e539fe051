import { KLING_FIELDS, type KlingField } from './klingInput';

/** The node's parameter for a field of the input: n8n's names are in camelCase, the API's are not. */
export function parameterOf(field: KlingField): string {
	return field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

const FIELDS = new Map<string, KlingField>(
	KLING_FIELDS.map((field) => [parameterOf(field), field]),
);

/** The field of the input that a parameter is for; any other name stays as it is. */
export function fieldOf(parameter: string): string {
	return FIELDS.get(parameter) ?? parameter;
}
