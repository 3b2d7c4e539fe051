import type { IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../shared/api/errors';
import type { ModelInput } from '../shared/operations/mediaNode';
import { checkKlingInput, type InputFault } from './checkKlingInput';
import { flatInputFields } from './inputFields';
import type { KlingInput } from './klingInput';

/** What the form calls a field of the input. */
const LABELS = new Map(flatInputFields.map(({ name, displayName }) => [name, displayName]));

/**
 * Reads model and input of one item, from the form or from JSON. A field of the form that is empty
 * (an expression without a value, too) counts as not set and is not sent.
 *
 * @throws RunComfyError `invalidInput`, naming every fault
 */
export function readInput(context: IExecuteFunctions, itemIndex: number): ModelInput {
	const model = readModel(context.getNodeParameter('model', itemIndex));
	const byFields = context.getNodeParameter('specifyInput', itemIndex) !== 'json';
	const input = byFields ? readFields(context, itemIndex) : readJson(context, itemIndex);
	const faults = checkKlingInput(input);
	if (faults.length > 0) {
		const sentences = faults.map((fault) => `${nameOf(fault, byFields)} ${fault.says}`);
		throw invalid(sentences.join('. '));
	}
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
	throw invalid('Model must be an ID such as kling/kling-3.0/pro/text-to-video');
}

function readFields(context: IExecuteFunctions, itemIndex: number): Record<string, unknown> {
	const { segment: segments = [] } = context.getNodeParameter('multi_prompt', itemIndex, {}) as {
		segment?: object[];
	};
	const prompt = context.getNodeParameter('prompt', itemIndex) as unknown;
	return {
		prompt,
		...withoutEmpty({
			duration: context.getNodeParameter('duration', itemIndex),
			aspect_ratio: context.getNodeParameter('aspect_ratio', itemIndex),
			sound: context.getNodeParameter('sound', itemIndex),
			...(segments.length > 0 && { multi_prompt: segments.map(withoutEmpty) }),
			...(context.getNodeParameter('additionalFields', itemIndex, {}) as object),
		}),
	};
}

function readJson(context: IExecuteFunctions, itemIndex: number): unknown {
	const value: unknown = context.getNodeParameter('inputJson', itemIndex);
	if (typeof value !== 'string') return value;
	try {
		return JSON.parse(value) as unknown;
	} catch {
		throw invalid('Input (JSON) is not valid JSON');
	}
}

function invalid(detail: string): RunComfyError {
	return new RunComfyError('invalidInput', { detail });
}

function nameOf({ path }: InputFault, byFields: boolean): string {
	if (path.length === 0) return 'Input (JSON)';
	const names = path.map((part) => {
		if (typeof part === 'number') return `segment ${part + 1}`;
		return (byFields && LABELS.get(part)) || (/^\w+$/.test(part) ? part : JSON.stringify(part));
	});
	return names.join(', ');
}

function withoutEmpty(fields: object): Record<string, unknown> {
	const set = Object.entries(fields).filter(
		([, value]) => value !== undefined && value !== null && value !== '',
	);
	return Object.fromEntries(set);
}
