import type { CatalogModel } from '../shared/api/catalog';
import { invalidInput } from '../shared/api/errors';
import { formValues, readMapper } from '../shared/inputs/formValues';
import { placeNames, shownName } from '../shared/inputs/inputFault';
import { readModelInputs, type ModelInputs } from '../shared/inputs/modelInputs';
import { prepareInput, type ModelInput } from '../shared/inputs/prepareInput';
import type { InputSources, ReadInput } from '../shared/operations/run';
import type { Item } from '../shared/parameters/item';
import { parseJsonObject } from '../shared/parameters/jsonText';
import { isByExpression } from '../shared/parameters/located';
import { isNothing, readChoice, readSwitch } from '../shared/parameters/values';
import { modelIdOf, readModelChoice, type ModelChoice } from './modelChoice';

type Values = Record<string, unknown>;

interface FoundModel {
	id: string;
	inputs: ModelInputs;
}

/** How long the catalog is asked again while it does not answer, in ms. */
const CATALOG_PATIENCE_MS = 60_000;

/** Begins a run, in which each model is looked up once, however many items there are for it. */
export function openInput({ catalog, limits, log }: InputSources): ReadInput {
	const models = new Map<string, Promise<FoundModel>>();
	let list: Promise<CatalogModel[]> | undefined;

	return async (item) => {
		const choice = readModelChoice(item.value('model'));
		if (isInForm(item)) return await prepareForm(item, await findOnce(choice));
		const isChecked = readSwitch('Check Inputs', item.value('checkInputs'));
		if (!isChecked && 'id' in choice) {
			return await prepareInput(item, { model: choice.id, values: readJson(item) });
		}
		const { id: model, inputs } = await findOnce(choice);
		const values = readJson(item);
		return await prepareInput(item, { model, values }, isChecked ? inputs : undefined);
	};

	async function findOnce(choice: ModelChoice): Promise<FoundModel> {
		const key = JSON.stringify(choice);
		const found = models.get(key) ?? find(choice);
		models.set(key, found);
		return await found;
	}

	async function find(choice: ModelChoice): Promise<FoundModel> {
		const models = async () => await (list ??= catalog.models(limits(CATALOG_PATIENCE_MS)));
		const id = await modelIdOf(choice, models);
		const { inputSchema } = await catalog.model(id, limits(CATALOG_PATIENCE_MS));
		const inputs = readModelInputs(inputSchema);
		if (inputs.unchecked.length > 0) {
			log.debug(`${id}: sent without a check: ${inputs.unchecked.join('; ')}`);
		}
		return { id, inputs };
	}
}

/** Without a known model there is no form, and JSON takes its place. */
function isInForm(item: Item): boolean {
	if (isByExpression(item.raw('model'))) return false;
	const way = item.value('specifyInputs');
	return readChoice('Specify Inputs', way, ['fields', 'json']) === 'fields';
}

function readJson(item: Item): Values {
	return parseJsonObject(item.value('inputsJson'), 'Inputs (JSON)');
}

async function prepareForm(item: Item, { id: model, inputs }: FoundModel): Promise<ModelInput> {
	const { fields, schema } = inputs;
	const prompt = item.value('prompt', '');
	const given = { ...(!isNothing(prompt) && { prompt }), ...readMapper(item) };
	const known = fields.map(({ name }) => name);
	if (schema.closed) refuseForeign(Object.keys(given).filter((name) => !known.includes(name)));
	const values = formValues(given, fields);
	return await prepareInput(item, { model, values, nameOf: placeNames(fields) }, inputs);
}

function refuseForeign(names: string[]): void {
	if (names.length === 0) return;
	if (names.join() === 'prompt') {
		throw invalidInput('Prompt must be empty: this model takes none');
	}
	throw invalidInput(
		`${names.map(shownName).join(', ')} ${names.length === 1 ? 'is not an input' : 'are not inputs'} of this model. If Inputs shows the fields of another model, choose Refresh Input List in its ⋮ menu`,
	);
}
