import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import type { CatalogModel } from '../../shared/api/catalog';
import { chosenModel } from './catalog';

/**
 * What the catalog says about the price, as the one choice of a list that sends nothing: the only control
 * of n8n (2.41.1) that shows text from outside beside the form. What cannot be read is said there too.
 */
export async function getPrice(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const priced = await chosenModel(this).then(
		(model) => (model ? priceOf(model) : { name: 'Choose a model to see its price' }),
		() => ({ name: 'Not available' }),
	);
	return [{ value: '', ...priced }];
}

function priceOf({ basePriceUsd, priceUnit, pricingNote }: CatalogModel): {
	name: string;
	description?: string;
} {
	const unit = priceUnit === undefined ? '' : ` per ${priceUnit}`;
	const price = basePriceUsd === undefined ? undefined : `From $${basePriceUsd}${unit}.`;
	const words = [price, pricingNote].filter(Boolean).join(' ');
	if (!words) return { name: 'Not in the catalog: see the model’s page' };
	return {
		name: words,
		description: 'A base price: length, resolution, sound and the number of results can raise it',
	};
}
