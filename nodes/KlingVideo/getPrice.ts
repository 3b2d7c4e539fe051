import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import type { CatalogModel } from '../shared/api/catalog';
import { openCatalog } from '../shared/editor/catalog';
import { priceOptions } from '../shared/editor/price';
import { BY_ID, modelId } from './models';
import { SOURCES, TIERS } from './schemas';

/** The price of the chosen model in the catalog, which no run needs. */
export async function getPrice(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	return await priceOptions(chosenModel(this));
}

async function chosenModel(context: ILoadOptionsFunctions): Promise<CatalogModel | undefined> {
	const held = (name: string) => context.getCurrentNodeParameter(name) as unknown;
	const source = SOURCES.find((one) => one === held('generateFrom')) ?? 'text';
	const chosen = held('model') ?? 'pro';
	const tier = TIERS.find((one) => one === chosen);
	const id = tier ? modelId(tier, source) : chosen === BY_ID ? held('modelId') : undefined;
	if (typeof id !== 'string' || !id.includes('/') || id.startsWith('=')) return undefined;
	const { catalog, limits } = await openCatalog(context);
	return await catalog.model(id.trim(), limits);
}
