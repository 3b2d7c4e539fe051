import type { IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../shared/api/errors';
import { readNumericText } from '../shared/form/numericText';
import { refuseWholeValue } from '../shared/form/wholeValue';
import { isNothing, wrongValue } from '../shared/form/wrongValue';
import type { ModelInput } from '../shared/operations/mediaNode';
import { checkKlingInput, type InputFault } from './checkKlingInput';
import { flatInputFields } from './inputFields';
import { DURATION, type KlingInput } from './klingInput';

const MOST_FAULTS = 5;
const LONGEST_NAME = 40;

/** What the form calls a field of the input. */
const LABELS = new Map(flatInputFields.map(({ name, displayName }) => [name, displayName]));

/** The fields of the input that are numbers. */
const NUMBERS = new Set(
	flatInputFields.filter(({ type }) => type === 'number').map(({ name }) => name),
);

type Fields = Record<string, unknown>;

/**
 * Reads model and input of one item, from the form or from JSON. In the form, numbers may be given as
 * text, and a negative prompt that is empty is not sent. Any other field whose expression gives nothing
 * is refused, for its default could be dearer, or another video, than what was meant.
 *
 * @throws RunComfyError `invalidInput`, naming the faults
 */
export function readInput(context: IExecuteFunctions, itemIndex: number): ModelInput {
	const model = readModel(context.getNodeParameter('model', itemIndex));
	const byFields = isByFields(context.getNodeParameter('specifyInput', itemIndex));
	const input = byFields ? readFields(context, itemIndex) : readJson(context, itemIndex);
	const faults = checkKlingInput(input);
	if (faults.length > 0) throw invalid(told(faults, byFields));
	return { model, input: input as object, prompts: promptsIn(input as KlingInput) };
}

function promptsIn({ prompt, negative_prompt: negative, multi_prompt: segments }: KlingInput) {
	const texts = [prompt, negative, ...(segments ?? []).map((segment) => segment.prompt)];
	return texts.filter((text) => text !== undefined);
}

function readModel(value: unknown): string {
	const model = typeof value === 'string' ? value.trim() : '';
	const parts = model.split('/');
	if (parts.length > 1 && parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part))) {
		return model;
	}
	throw invalid(`Model ${wrongValue(value, 'an ID such as kling/kling-3.0/pro/text-to-video')}`);
}

function isByFields(value: unknown): boolean {
	if (value === 'fields' || value === 'json') return value === 'fields';
	throw invalid(`Specify Input ${wrongValue(value, 'fields or json')}`);
}

function readFields(context: IExecuteFunctions, itemIndex: number): Fields {
	const value = (name: string): unknown => context.getNodeParameter(name, itemIndex);
	const segments = readSegments(context, itemIndex);
	const { negative_prompt: negative, ...additional } = readAdditional(context, itemIndex);
	return inForm({
		...additional,
		prompt: value('prompt'),
		duration: value('duration'),
		aspect_ratio: value('aspect_ratio'),
		sound: value('sound'),
		...(segments.length > 0 && { multi_prompt: segments }),
		...(!isNothing(negative) && { negative_prompt: negative }),
	});
}

function readSegments(context: IExecuteFunctions, itemIndex: number): Fields[] {
	const { multi_prompt: held } = context.getNode().parameters as Fields;
	const { segment } = (held ?? {}) as Fields;
	refuseWholeValue(
		[held, segment, ...(Array.isArray(segment) ? (segment as unknown[]) : [])],
		'Multi Prompt',
		'give each field of a segment its own, or choose Specify Input → Using JSON',
	);
	const value = (context.getNodeParameter('multi_prompt', itemIndex, {}) ?? {}) as Fields;
	const { segment: segments = [], ...unknown } = value;
	if (!Array.isArray(segments) || Object.keys(unknown).length > 0) {
		throw invalid(
			'Multi Prompt is not as the form writes it: add its segments there, or choose Specify Input → Using JSON',
		);
	}
	return (segments as Fields[]).map((fields) => inForm({ duration: DURATION.default, ...fields }));
}

function readAdditional(context: IExecuteFunctions, itemIndex: number): Fields {
	const { additionalFields: held } = context.getNode().parameters;
	const remedy = 'add the fields one by one, and give each its own';
	refuseWholeValue([held], 'Additional Fields', remedy);
	return context.getNodeParameter('additionalFields', itemIndex, {}) as Fields;
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

function readJson(context: IExecuteFunctions, itemIndex: number): unknown {
	const value: unknown = context.getNodeParameter('inputJson', itemIndex);
	if (typeof value !== 'string') return withNulls(value);
	if (value.trim() === '') return value;
	try {
		return JSON.parse(value.replace(/^\uFEFF/, '')) as unknown;
	} catch {
		throw invalid(
			'Input (JSON) is not valid JSON: check its quotes, commas and brackets, or let JSON.stringify write it',
		);
	}
}

/** An object from an expression, with `null` for what is there without a value, so that it is refused. */
function withNulls(value: unknown): unknown {
	if (value === undefined) return null;
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(withNulls);
	return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withNulls(part)]));
}

function told(faults: InputFault[], byFields: boolean): string {
	const all = faults.map((fault) => `${nameOf(fault, byFields)} ${fault.says}`);
	const sentences = [...new Set(all)];
	const more = sentences.splice(MOST_FAULTS).length;
	return [...sentences, ...(more > 0 ? [`There are more faults (${more})`] : [])].join('. ');
}

function invalid(detail: string): RunComfyError {
	return new RunComfyError('invalidInput', { detail });
}

function nameOf({ path }: InputFault, byFields: boolean): string {
	if (path.length === 0) return 'Input (JSON)';
	const names = path.map((part) => {
		if (typeof part === 'number') return `segment ${part + 1}`;
		const label = byFields ? LABELS.get(part) : undefined;
		return label ?? (/^\w{1,40}$/.test(part) ? part : JSON.stringify(part.slice(0, LONGEST_NAME)));
	});
	return names.join(', ');
}
