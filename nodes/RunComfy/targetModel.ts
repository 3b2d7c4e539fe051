import type { CatalogModel } from '../shared/api/catalog';
import type { InputSources } from '../shared/operations/mediaNode';
import { modelIdOf, type ModelChoice } from './model/modelChoice';
import { readModelInputs, type ModelInputs } from './model/modelInputs';

/** How long the catalog is asked again while it does not answer, in ms. */
const CATALOG_PATIENCE_MS = 60_000;

/** The model that an input is for. */
export interface TargetModel {
	id: string;
	/** What its input is checked against; absent where it is not. */
	inputs?: ModelInputs;
}

/**
 * Finds models in the catalog, each once a run, however many items there are for it. What of a schema
 * cannot be checked is said in the log.
 *
 * @returns rejects with `invalidInput` for a page that the catalog does not have, or with what the
 * catalog rejects with
 */
export function createTargets({
	catalog,
	limits,
	log,
}: InputSources): (choice: ModelChoice) => Promise<TargetModel> {
	const targets = new Map<string, Promise<TargetModel>>();
	let list: Promise<CatalogModel[]> | undefined;

	async function find(choice: ModelChoice): Promise<TargetModel> {
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
		const target = targets.get(key) ?? find(choice);
		targets.set(key, target);
		return await target;
	};
}
