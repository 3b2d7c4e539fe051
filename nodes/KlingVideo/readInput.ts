import { invalidInput } from '../shared/api/errors';
import { isBlankText } from '../shared/inputs/checkInput';
import { formValues } from '../shared/inputs/formValues';
import type { InputFault } from '../shared/inputs/inputFault';
import { pathName, prepareInput, type ModelInput } from '../shared/inputs/prepareInput';
import type { Item } from '../shared/parameters/item';
import { isObject, parseJsonObject } from '../shared/parameters/jsonText';
import { readChoice } from '../shared/parameters/readChoice';
import { refuseWholeValue } from '../shared/parameters/wholeValue';
import { wrongValue } from '../shared/parameters/wrongValue';
import { readModel, type KlingModel } from './models';
import { DURATION, inputsOf, SEGMENT_SECONDS } from './schemas';

type Values = Record<string, unknown>;

/** What the form calls the inputs whose own names say something else. */
const LABELS = {
	duration: 'Duration (Seconds)',
	generate_audio: 'Sound',
};

/**
 * Reads model and input of one item, from the form or from JSON.
 *
 * @throws RunComfyError `invalidInput`, naming the faults
 */
export async function readInput(item: Item): Promise<ModelInput> {
	const model = readModel(item);
	const way = readChoice('Specify Input', item.value('specifyInput'), ['fields', 'json']);
	const given =
		way === 'fields'
			? readForm(item, model)
			: parseJsonObject(item.value('inputJson'), 'Input (JSON)');
	const values = lastingAsItsSegments(given);
	const faults = faultsOfSum(values, model);
	const nameOf = way === 'fields' ? labelsOf(model) : undefined;
	return await prepareInput(
		item,
		{ model: model.id, values, faults, ...(nameOf && { nameOf }) },
		model.inputs,
	);
}

/** What the form calls the places in an input. */
function labelsOf({ source }: KlingModel): (path: InputFault['path']) => string {
	const labels = new Map([
		...inputsOf(source).fields.map(({ name, label }): [string, string] => [name, label]),
		...Object.entries(LABELS),
	]);
	return (path) => {
		const name = pathName(path, labels);
		const isSegment = path[0] === 'multi_prompt';
		return isSegment ? name.replace(/, entry (\d+), /, ', segment $1, Segment ') : name;
	};
}

function readForm(item: Item, { source, inputs: { fields } }: KlingModel): Values {
	const segments = readSegments(item);
	const given: Values = {
		...readAdditional(item),
		prompt: item.value('prompt'),
		...(segments.length > 0 ? { multi_prompt: segments } : { duration: item.value('duration') }),
	};
	if (source === 'text') {
		Object.assign(given, { aspect_ratio: item.value('aspectRatio'), sound: item.value('sound') });
	} else {
		Object.assign(given, readImages(item), { generate_audio: item.value('sound') });
	}
	return formValues(given, fields);
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
	if (isBlankText(value)) {
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
		"set the fields of each segment, or set 'Specify Input' to 'Using JSON'",
	);
	const value = item.value('multiPrompt', {}) ?? {};
	const { segment: segments = [], ...unknown } = value as Values;
	if (!Array.isArray(segments) || Object.keys(unknown).length > 0) {
		throw invalidInput(
			"Multi Prompt does not have the form's structure: add its segments there, or set 'Specify Input' to 'Using JSON'",
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

/** An input that has segments and no duration: the video lasts as long as they do together. */
function lastingAsItsSegments(values: Values): Values {
	const seconds = secondsOf(values.multi_prompt);
	if ('duration' in values || seconds === undefined) return values;
	return { ...values, duration: Math.min(seconds, DURATION.maximum) };
}

function faultsOfSum(values: Values, { inputs }: KlingModel): InputFault[] {
	const preset = inputs.fields.find(({ name }) => name === 'duration')?.preset;
	const { duration = preset } = values;
	const seconds = secondsOf(values.multi_prompt);
	if (seconds === undefined || seconds === duration || typeof duration !== 'number') return [];
	const remedy =
		seconds > DURATION.maximum
			? `but a video lasts at most ${DURATION.maximum}: shorten or remove segments`
			: `but duration is ${duration}: set it to ${seconds}, or leave it out`;
	return [{ path: ['multi_prompt'], says: `lasts ${seconds} seconds in all, ${remedy}` }];
}

/** How long segments last together; undefined unless there are some, each of a right length. */
function secondsOf(segments: unknown): number | undefined {
	if (!Array.isArray(segments) || segments.length === 0) return undefined;
	const seconds = segments.map((segment: unknown) =>
		isObject(segment) ? (segment.duration ?? SEGMENT_SECONDS) : undefined,
	);
	const isRight = (value: unknown): value is number =>
		Number.isInteger(value) &&
		(value as number) >= DURATION.minimum &&
		(value as number) <= DURATION.maximum;
	return seconds.every(isRight) ? seconds.reduce((sum, one) => sum + one, 0) : undefined;
}
