import { invalidInput } from '../shared/api/errors';
import { faultList, shownName, type InputFault } from '../shared/parameters/inputFault';
import type { Item } from '../shared/parameters/item';
import { parseJsonField } from '../shared/parameters/jsonText';
import { readChoice, readSwitch } from '../shared/parameters/readChoice';
import { isNothing, wrongValue } from '../shared/parameters/wrongValue';
import { attachFiles } from '../shared/media/attachFiles';
import { isDataUri, isHttpsUrl } from '../shared/media/fileSource';
import type { InputSources, ModelInput, ReadInput } from '../shared/operations/mediaNode';
import { findFiles } from './fileInputs';
import { formValues } from './formValues';
import { checkInput } from './model/checkInput';
import { isObject } from './model/cleanSchema';
import { isByExpression, readModelChoice } from './model/modelChoice';
import type { ModelInputField } from './model/modelInputs';
import { createTargets, type TargetModel } from './targetModel';

const NO_PROMPT = 'Prompt must be empty: this model takes none';
const REFRESH =
	'If Inputs shows the fields of another model, choose Refresh Input List in its ⋮ menu';

type Fields = Record<string, unknown>;

/** Begins a run, for any number of items and models. */
export function openInput(sources: InputSources): ReadInput {
	const target = createTargets(sources);

	return async (item) => {
		const choice = readModelChoice(item.value('model'));
		// Without a known model there is no form, and JSON takes its place.
		const hasForm = !isByExpression(item.raw('model'));
		const byForm =
			hasForm &&
			readChoice('Specify Inputs', item.value('specifyInputs'), ['fields', 'json']) === 'fields';
		if (byForm) {
			const model = await target(choice);
			return await readItem(item, model, readForm(item, model), true);
		}
		const checked = readSwitch('Check Inputs', item.value('checkInputs'));
		const model = checked || !('id' in choice) ? await target(choice) : choice;
		const input = readJson(item.value('inputsJson'));
		return await readItem(item, checked ? model : { id: model.id }, input, false);
	};
}

async function readItem(
	item: Item,
	{ id, inputs }: TargetModel,
	given: Fields,
	byForm: boolean,
): Promise<ModelInput> {
	const fields = inputs?.fields ?? [];
	const nameOf = (path: InputFault['path']) => pathName(path, byForm ? fields : []);
	const { input, checked, places, faults: fileFaults } = findFiles(given, fields);
	const faults = [...fileFaults, ...(inputs ? checkInput(checked, inputs) : [])];
	if (faults.length > 0) {
		const foreign = byForm ? faults.filter(({ path: [name] }) => !isNameOf(fields, name)) : [];
		const isPrompt = (fault: InputFault) => foreign.includes(fault) && fault.path[0] === 'prompt';
		const sentences = faults.map((fault) =>
			isPrompt(fault) ? NO_PROMPT : `${nameOf(fault.path)} ${fault.says}`,
		);
		throw faultList([...sentences, ...(foreign.every(isPrompt) ? [] : [REFRESH])]);
	}
	return {
		model: id,
		prompts: textsIn(given, fields),
		...(await attachFiles(
			item.context,
			item.index,
			input,
			places.map(({ path, source, rules }) => ({
				path,
				source,
				rules: { ...rules, label: nameOf(path) },
			})),
		)),
	};
}

function readForm(item: Item, { inputs }: TargetModel): Fields {
	const values = formOf(item);
	const prompt = item.value('prompt', '');
	return formValues({ ...(!isNothing(prompt) && { prompt }), ...values }, inputs?.fields ?? []);
}

/**
 * The values of the form, as they are: n8n would hold them to the form that the workflow keeps. That form is
 * not read, for it contains texts from the catalog, and n8n (2.41.1) evaluates any text of a parameter that is read
 * as an expression. What n8n would ignore is refused, for it would be billed as an empty form.
 */
function formOf(item: Item): Fields {
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

function readJson(value: unknown): Fields {
	const input = parseJsonField(value, 'Inputs (JSON)');
	if (isObject(input)) return input;
	throw invalidInput(`Inputs (JSON) ${wrongValue(input, 'an object of inputs', true)}`);
}

/** The user's own texts, which stay out of errors: all but choices, and where files are. */
function textsIn(given: Fields, fields: ModelInputField[]): string[] {
	const own = Object.entries(given).filter(([name]) => {
		const kind = fields.find((field) => field.name === name)?.kind;
		return kind !== 'choice' && kind !== 'file' && kind !== 'files';
	});
	return own.flatMap(([, value]) => texts(value));
}

function texts(value: unknown): string[] {
	if (typeof value === 'string') return isDataUri(value) || isHttpsUrl(value) ? [] : [value];
	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

function pathName([name, ...rest]: InputFault['path'], fields: ModelInputField[]): string {
	const label = fields.find((field) => field.name === name)?.label;
	const parts = rest.map((part) =>
		typeof part === 'number' ? `entry ${part + 1}` : shownName(part),
	);
	return [label ?? shownName(String(name)), ...parts].join(', ');
}

function isNameOf(fields: ModelInputField[], name: unknown): boolean {
	return fields.some((field) => field.name === name);
}
