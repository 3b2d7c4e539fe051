import { invalidInput } from '../shared/api/errors';
import { isBlank } from '../shared/parameters/blankText';
import { faultList, shownName, type InputFault } from '../shared/parameters/inputFault';
import type { Item } from '../shared/parameters/item';
import { parseJsonField } from '../shared/parameters/jsonText';
import { readNumericText } from '../shared/parameters/numericText';
import { readChoice } from '../shared/parameters/readChoice';
import { refuseWholeValue } from '../shared/parameters/wholeValue';
import { isNothing, wrongValue } from '../shared/parameters/wrongValue';
import type { ModelInput } from '../shared/operations/mediaNode';
import { checkKlingInput } from './checkKlingInput';
import { flatInputFields } from './inputFields';
import { withImages } from './images';
import { DURATION, lastingAsItsSegments, type KlingField, type KlingInput } from './klingInput';
import { fieldOf, parameterOf } from './parameterNames';
import { readModel, readSource, type Source } from './models';

/** What the form calls a field of the input. */
const LABELS = new Map([
	...flatInputFields.map(({ name, displayName }): [string, string] => [fieldOf(name), displayName]),
	['start_image_url', 'Start Image'],
	['end_image_url', 'End Image'],
]);

/** The fields of the input that are numbers. */
const NUMBERS = new Set(
	flatInputFields.filter(({ type }) => type === 'number').map(({ name }) => fieldOf(name)),
);

type Fields = Record<string, unknown>;

/**
 * Reads model and input of one item, from the form or from JSON. In the form, numbers may be given as
 * text, and an empty negative prompt is not sent. Any other field whose expression gives nothing is
 * refused: its default could cost more, or make another video, than what was meant.
 *
 * @throws RunComfyError `invalidInput`, naming the faults
 */
export async function readInput(item: Item): Promise<ModelInput> {
	const value = (name: string, fallback?: string) => item.value(name, fallback);
	// As it is held: with an expression, n8n could not tell which of the two durations is the default.
	const source = readSource(item.raw('generateFrom') ?? 'text');
	const model = readModel(value('model'), value('modelId', ''), source);
	const byFields =
		readChoice('Specify Input', value('specifyInput'), ['fields', 'json']) === 'fields';
	const given = lastingAsItsSegments(byFields ? readFields(item, source) : readJson(item));
	const faults = checkKlingInput(given, model);
	if (faults.length > 0) {
		throw faultList(faults.map((fault) => `${nameOf(fault, byFields)} ${fault.says}`));
	}
	const input = given as KlingInput;
	const label = (field: string) => nameOf({ path: [field] }, byFields);
	return {
		model: model.id,
		prompts: promptsIn(input),
		...(await withImages(item.context, item.index, input, label)),
	};
}

function promptsIn({ prompt, negative_prompt: negative, multi_prompt: segments }: KlingInput) {
	const texts = [prompt, negative, ...(segments ?? []).map((segment) => segment.prompt)];
	return texts.filter((text) => text !== undefined);
}

function readFields(item: Item, source: Source): Fields {
	const values = (...names: KlingField[]): Fields =>
		Object.fromEntries(names.map((name) => [name, item.value(parameterOf(name))]));
	const segments = readSegments(item);
	const { negative_prompt: negative, elements, ...additional } = readAdditional(item);
	return inForm({
		...additional,
		...values('prompt', ...(segments.length > 0 ? [] : (['duration'] as const))),
		...(source === 'image'
			? { ...readImages(item), ...values('generate_audio') }
			: values('aspect_ratio', 'sound')),
		...(segments.length > 0 && { multi_prompt: segments }),
		...(!isNothing(negative) && { negative_prompt: negative }),
		...(!isNothing(elements) && {
			elements: parseJsonField(elements, LABELS.get('elements') ?? ''),
		}),
	});
}

/** The images of the form: each a URL or the name of a binary field. The end image may be left out. */
function readImages(item: Item): Fields {
	const value = (name: string, fallback?: string) => item.value(name, fallback);
	const image = (label: string, kind: unknown, url: string, field: string): unknown => {
		if (readChoice(label, kind, ['url', 'binary']) === 'url') return value(url);
		const name = value(field);
		if (isNothing(name)) return name;
		if (typeof name === 'string' && !isBlank(name)) return { binary: name };
		throw invalidInput(`${label} Field Name ${wrongValue(name, 'the name of a binary field')}`);
	};
	const end = value('endImageSource', 'none');
	return {
		start_image_url: image(
			'Start Image',
			value('startImageSource'),
			'startImageUrl',
			'startImageField',
		),
		...(end !== 'none' && {
			end_image_url: image('End Image', end, 'endImageUrl', 'endImageField'),
		}),
	};
}

function readSegments(item: Item): Fields[] {
	const held = item.raw('multiPrompt');
	const { segment } = (held ?? {}) as Fields;
	refuseWholeValue(
		[held, segment, ...(Array.isArray(segment) ? (segment as unknown[]) : [])],
		'Multi Prompt',
		"set the fields of each segment, or set 'Specify Input' to 'Using JSON'",
	);
	const value = (item.value('multiPrompt', {}) ?? {}) as Fields;
	const { segment: segments = [], ...unknown } = value;
	if (!Array.isArray(segments) || Object.keys(unknown).length > 0) {
		throw invalidInput(
			"Multi Prompt does not have the form's structure: add its segments there, or set 'Specify Input' to 'Using JSON'",
		);
	}
	return (segments as Fields[]).map((fields) => inForm({ duration: DURATION.min, ...fields }));
}

function readAdditional(item: Item): Fields {
	refuseWholeValue(
		[item.raw('additionalFields')],
		'Additional Fields',
		'add the fields one by one',
	);
	const additional = item.value('additionalFields', {}) as Fields;
	return Object.fromEntries(
		Object.entries(additional).map(([name, value]) => [fieldOf(name), value]),
	);
}

/** The values of a form: a number also as text, and `null` for what has no value, so that it is refused. */
function inForm(fields: Fields): Fields {
	return Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [
			name,
			isNothing(value) ? null : NUMBERS.has(name) ? readNumericText(value) : value,
		]),
	);
}

function readJson(item: Item): unknown {
	return parseJsonField(item.value('inputJson'), 'Input (JSON)');
}

function nameOf({ path }: Pick<InputFault, 'path'>, byFields: boolean): string {
	if (path.length === 0) return 'Input (JSON)';
	const names = path.map((part) => {
		if (typeof part === 'number') return `segment ${part + 1}`;
		const label = byFields ? LABELS.get(part) : undefined;
		return label ?? shownName(part);
	});
	return names.join(', ');
}
