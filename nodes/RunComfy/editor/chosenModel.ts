import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import type { CatalogModel } from '../../shared/api/catalog';
import { openCatalog } from '../../shared/editor/catalog';
import { priceOptions } from '../../shared/editor/price';
import { isChosen } from '../../shared/parameters/located';
import { modelIdOf, readModelChoice } from '../modelChoice';

/**
 * The model that is chosen in the node; undefined before one is. The credential is not asked for until
 * then: a new node may have none yet.
 *
 * @throws RunComfyError what the catalog rejects with, or `invalidCredential`
 */
export async function chosenModel(
	context: ILoadOptionsFunctions,
): Promise<CatalogModel | undefined> {
	const value = context.getCurrentNodeParameter('model');
	if (!isChosen(value)) return undefined;
	const choice = readModelChoice(value);
	const { catalog, limits } = await openCatalog(context);
	const id = await modelIdOf(choice, async () => await catalog.models(limits));
	return await catalog.model(id, limits);
}

export async function getPrice(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	return await priceOptions(chosenModel(this));
}
