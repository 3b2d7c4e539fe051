import { invalidInput } from '../shared/api/errors';
import { formValues } from '../shared/inputs/formValues';
import { placeNames, type InputFault, type NameOf } from '../shared/inputs/inputFault';
import { prepareInput, type ModelInput } from '../shared/inputs/prepareInput';
import type { Item } from '../shared/parameters/item';
import { isObject, parseJsonObject } from '../shared/parameters/jsonText';
import { isBlank, readChoice, wrongValue } from '../shared/parameters/values';
import { refuseWholeValue } from '../shared/parameters/wholeValue';
import { readModel } from './models';
import { DURATION, inputsOf, SEGMENT_SECONDS, type Source } from './schemas';

type Values = Record<string, unknown>;

/** @throws RunComfyError `invalidInput`, naming the faults of the form or the JSON */
export async function readInput(item: Item): Promise<ModelInput> {
	const { id: model, source, inputs } = readModel(item);
	const isForm =
		readChoice('Specify Inputs', item.value('specifyInputs'), ['fields', 'json']) === 'fields';
	const given = isForm
		? formValues(readForm(item, source), inputs.fields)
		: parseJsonObject(item.value('inputsJson'), 'Inputs (JSON)');
	const nameOf = isForm ? formNames(source) : placeNames();
	const { values, faults } = withDuration(given);
	return await prepareInput(item, { model, values, faults, nameOf }, inputs);
}

/** What the form calls the places in an input; it may show more than the model of an expression takes. */
function formNames(source: Source): NameOf {
	const nameOf = placeNames(inputsOf(source).fields);
	return (path) =>
		nameOf(path).replace(/^Multi Prompt, entry (\d+), /, 'Multi Prompt, segment $1, Segment ');
}

function readForm(item: Item, source: Source): Values {
	const segments = readSegments(item);
	return {
		...readAdditional(item),
		prompt: item.value('prompt'),
		...(segments.length > 0 ? { multi_prompt: segments } : { duration: item.value('duration') }),
		...(source === 'text'
			? { aspect_ratio: item.value('aspectRatio'), sound: item.value('sound') }
			: { ...readImages(item), generate_audio: item.value('sound') }),
	};
}

/** The images of the form: each a URL or the name of a binary field. The end image may be left out. */
function readImages(item: Item): Values {
	const end = item.value('endImageSource', 'none');
	return {
		start_image_url: readImage(item, 'Start Image', 'startImage', item.value('startImageSource')),
		...(end !== 'none' && { end_image_url: readImage(item, 'End Image', 'endImage', end) }),
	};
}

function readImage(item: Item, label: string, name: string, way: unknown): unknown {
	const isUrl = readChoice(label, way, ['url', 'binary']) === 'url';
	const value = item.value(isUrl ? `${name}Url` : `${name}Field`);
	const field = isUrl ? `${label} URL` : `${label} Field Name`;
	if (isBlank(value)) {
		throw invalidInput(`${field} is required: it is empty, or its expression gives nothing`);
	}
	if (isUrl) return value;
	if (typeof value === 'string') return { binary: value };
	if (isObject(value)) return value;
	throw invalidInput(`${field} ${wrongValue(value, 'the name of a binary field')}`);
}

function readSegments(item: Item): Values[] {
	const held = item.raw('multiPrompt');
	const segment = isObject(held) ? held.segment : undefined;
	refuseWholeValue(
		[held, segment, ...(Array.isArray(segment) ? (segment as unknown[]) : [])],
		'Multi Prompt',
		"set the fields of each segment, or set 'Specify Inputs' to 'Using JSON'",
	);
	const value = item.value('multiPrompt', {}) ?? {};
	const { segment: segments = [], ...unknown } = value as Values;
	if (!Array.isArray(segments) || Object.keys(unknown).length > 0) {
		throw invalidInput(
			"Multi Prompt does not have the form's structure: add its segments there, or set 'Specify Inputs' to 'Using JSON'",
		);
	}
	return (segments as Values[]).map((fields) => ({ duration: DURATION.minimum, ...fields }));
}

/** The collection of further fields, under the API's names. */
function readAdditional(item: Item): Values {
	refuseWholeValue(
		[item.raw('additionalFields')],
		'Additional Fields',
		'add the fields one by one',
	);
	const fields = item.value('additionalFields', {}) as Values;
	return Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [
			name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
			value,
		]),
	);
}

/** The video lasts as long as its segments do together: an input without a duration gets that one. */
function withDuration(given: Values): { values: Values; faults: InputFault[] } {
	const seconds = secondsOf(given.multi_prompt);
	if (seconds === undefined) return { values: given, faults: [] };
	const { duration = Math.min(seconds, DURATION.maximum) } = given;
	const values = { ...given, duration };
	if (seconds === duration || typeof duration !== 'number') return { values, faults: [] };
	const remedy =
		seconds > DURATION.maximum
			? `but a video lasts at most ${DURATION.maximum}: shorten or remove segments`
			: `but duration is ${duration}: set it to ${seconds}, or leave it out`;
	const says = `lasts ${seconds} seconds in all, ${remedy}`;
	return { values, faults: [{ path: ['multi_prompt'], says }] };
}

function secondsOf(segments: unknown): number | undefined {
	if (!Array.isArray(segments) || segments.length === 0) return undefined;
	const seconds = segments.map((segment: unknown) =>
		isObject(segment) ? (segment.duration ?? SEGMENT_SECONDS) : undefined,
	);
	const { minimum, maximum } = DURATION;
	const isRight = (value: unknown): value is number =>
		Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
	return seconds.every(isRight) ? seconds.reduce((sum, one) => sum + one, 0) : undefined;
}
