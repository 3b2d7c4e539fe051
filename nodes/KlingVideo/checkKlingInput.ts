import { isBlank } from '../shared/parameters/blankText';
import type { InputFault } from '../shared/parameters/inputFault';
import { isNothing, wrongValue } from '../shared/parameters/wrongValue';
import { describeUrl } from '../shared/media/fileSource';
import { DURATION, fieldsOf, IMAGE_FIELDS, inputOf, ruleOf, type KlingField } from './klingInput';
import type { KlingModel } from './models';

/** Fields whose value errors and logs may quote. Any other text is the user's own. */
const PUBLIC = new Set<string | number | undefined>([
	'duration',
	'aspect_ratio',
	'cfg_scale',
	'sound',
	'generate_audio',
	'shot_type',
]);

/**
 * Checks a value against the input schema of a model. Files are not looked into.
 *
 * @param value anything: an object of fields, or what a user's JSON holds
 * @returns every fault found, in the order of the fields; empty when the value can be sent as it is
 */
export function checkKlingInput(value: unknown, model: KlingModel): InputFault[] {
	const { success, error } = inputOf(model).safeParse(value);
	if (success) return [];
	return error.issues.flatMap((issue): InputFault[] => {
		const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
		if (issue.code === 'unrecognized_keys') {
			return issue.keys.map((key) => ({
				path: [...path, key],
				says: unknownFieldFault(path, model),
			}));
		}
		if (issue.message === 'sum') return [{ path, says: sumFault(value, DURATION[model.source]) }];
		return [{ path, says: valueFault(valueAt(value, path), path, model) }];
	});
}

function valueFault(value: unknown, path: InputFault['path'], model: KlingModel): string {
	const field = path[path.length - 1];
	const isRequired = path.length === 0 || field === 'prompt' || field === 'start_image_url';
	if (isRequired && (isNothing(value) || (typeof value === 'string' && isBlank(value)))) {
		return 'is required';
	}
	const rule = ruleAt(path, model);
	const isImage = IMAGE_FIELDS.some((name) => name === field);
	const url = isImage && typeof value === 'string' ? describeUrl(value) : undefined;
	return url ? `must be ${rule}, but is ${url}` : wrongValue(value, rule, !PUBLIC.has(field));
}

function unknownFieldFault(path: InputFault['path'], model: KlingModel): string {
	return path.length === 0
		? `is not a field of this model: remove it, or use one of ${fieldsOf(model).join(', ')}`
		: 'is not a field of a segment: remove it, or use prompt or duration';
}

function ruleAt(path: InputFault['path'], model: KlingModel): string {
	if (path.length === 0) return 'an object of fields';
	if (path.length === 2) return 'an object with a prompt and a duration';
	return ruleOf(path[path.length - 1] as KlingField, model);
}

function sumFault(value: unknown, usual: number): string {
	const input = value as { duration?: number; multi_prompt: Array<{ duration?: number }> };
	const duration = input.duration ?? usual;
	const sum = input.multi_prompt.reduce(
		(total, part) => total + (part.duration ?? DURATION.segment),
		0,
	);
	return sum > DURATION.max
		? `lasts ${sum} seconds in all, but a video lasts at most ${DURATION.max}: shorten or remove segments`
		: `lasts ${sum} seconds in all, but duration is ${duration}: set it to ${sum}, or leave it out`;
}

function valueAt(value: unknown, path: Array<string | number>): unknown {
	return path.reduce<unknown>(
		(parent, key) => (parent as Record<string | number, unknown> | undefined)?.[key],
		value,
	);
}
