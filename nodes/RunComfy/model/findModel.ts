import type { CatalogModel } from '../../shared/api/catalog';
import { readModelInputs, type ModelInputs } from '../../shared/inputs/modelInputs';
import type { InputSources } from '../../shared/operations/run';
import { modelIdOf, type ModelChoice } from './modelChoice';

/** How long the catalog is asked again while it does not answer, in ms. */
const CATALOG_PATIENCE_MS = 60_000;

/** A model of the catalog. */
export interface FoundModel {
	id: string;
	inputs: ModelInputs;
}

/**
 * Finds models in the catalog, each once a run, however many items there are for it. What of a schema
 * cannot be checked is said in the log.
 *
 * @returns rejects with `invalidInput` for a page that the catalog does not have, or with what the
 * catalog rejects with
 */
export function createFindModel({
	catalog,
	limits,
	log,
}: InputSources): (choice: ModelChoice) => Promise<FoundModel> {
	const models = new Map<string, Promise<FoundModel>>();
	let list: Promise<CatalogModel[]> | undefined;

	async function find(choice: ModelChoice): Promise<FoundModel> {
		const id = await modelIdOf(
			choice,
			async () => await (list ??= catalog.models(limits(CATALOG_PATIENCE_MS))),
		);
		const { inputSchema } = await catalog.model(id, limits(CATALOG_PATIENCE_MS));
		const inputs = readModelInputs(inputSchema);
		if (inputs.unchecked.length > 0) {
			log.debug(`${id}: sent without a check: ${inputs.unchecked.join('; ')}`);
		}
		return { id, inputs };
	}

	return async (choice) => {
		const key = JSON.stringify(choice);
		const found = models.get(key) ?? find(choice);
		models.set(key, found);
		return await found;
	};
}
