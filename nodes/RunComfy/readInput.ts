import { invalidInput } from '../shared/api/errors';
import { formValues } from '../shared/inputs/formValues';
import { shownName, type InputFault } from '../shared/inputs/inputFault';
import type { ModelInputField, ModelInputs } from '../shared/inputs/modelInputs';
import { pathName, prepareInput, type ModelInput } from '../shared/inputs/prepareInput';
import type { InputSources, ReadInput } from '../shared/operations/run';
import type { Item } from '../shared/parameters/item';
import { isObject, parseJsonObject } from '../shared/parameters/jsonText';
import { readChoice, readSwitch } from '../shared/parameters/readChoice';
import { isNothing } from '../shared/parameters/wrongValue';
import { createFindModel } from './model/findModel';
import { isByExpression, readModelChoice } from './model/modelChoice';

type Values = Record<string, unknown>;

/** Begins a run, for any number of items and models. */
export function openInput(sources: InputSources): ReadInput {
	const findModel = createFindModel(sources);

	return async (item): Promise<ModelInput> => {
		const choice = readModelChoice(item.value('model'));
		if (isInForm(item)) {
			const { id: model, inputs } = await findModel(choice);
			const labels = new Map(inputs.fields.map(({ name, label }) => [name, label]));
			const nameOf = (path: InputFault['path']) => pathName(path, labels);
			return await prepareInput(item, { model, values: readForm(item, inputs), nameOf }, inputs);
		}
		const isChecked = readSwitch('Check Inputs', item.value('checkInputs'));
		if (!isChecked && 'id' in choice) {
			return await prepareInput(item, { model: choice.id, values: readJson(item) });
		}
		const { id: model, inputs } = await findModel(choice);
		const values = readJson(item);
		return await prepareInput(item, { model, values }, isChecked ? inputs : undefined);
	};
}

/** Without a known model there is no form, and JSON takes its place. */
function isInForm(item: Item): boolean {
	if (isByExpression(item.raw('model'))) return false;
	const way = item.value('specifyInputs');
	return readChoice('Specify Inputs', way, ['fields', 'json']) === 'fields';
}

function readForm(item: Item, { fields, schema }: ModelInputs): Values {
	const prompt = item.value('prompt', '');
	const values = { ...(!isNothing(prompt) && { prompt }), ...readMapper(item) };
	if (schema.closed) refuseForeign(values, fields);
	return formValues(values, fields);
}

/** Refuses what is filled in for another model. */
function refuseForeign(values: Values, fields: ModelInputField[]): void {
	const foreign = Object.keys(values).filter(
		(name) => !fields.some((field) => field.name === name),
	);
	if (foreign.length === 0) return;
	if (foreign.join() === 'prompt') {
		throw invalidInput('Prompt must be empty: this model takes none');
	}
	const names = foreign.map(shownName).join(', ');
	throw invalidInput(
		`${names} ${foreign.length === 1 ? 'is not an input' : 'are not inputs'} of this model. If Inputs shows the fields of another model, choose Refresh Input List in its ⋮ menu`,
	);
}

/**
 * The values of the form, as they are: n8n would hold them to the form that the workflow keeps. That form is
 * not read, for it contains texts from the catalog, and n8n (2.41.1) evaluates any text of a parameter that is read
 * as an expression. What n8n would ignore is refused, for it would be billed as an empty form.
 */
function readMapper(item: Item): Values {
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

function readJson(item: Item): Values {
	return parseJsonObject(item.value('inputsJson'), 'Inputs (JSON)');
}
