import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import type { CatalogModel } from '../api/catalog';
import { RunComfyError } from '../api/errors';
import { showFor } from '../operations/operation';

/** n8n's linter wants another label for a list that is loaded, but this one only shows a price. */
const PRICE = {
	displayName: 'Price',
	description: 'Base price in RunComfy’s catalog. Length, resolution and sound can raise it.',
};

/**
 * The price of the chosen model, as the one choice of a list that is disabled and sends nothing: the only control
 * of n8n (2.41.1) that shows text from outside beside the form.
 *
 * @param dependsOn the parameters that choose the model
 */
export function priceField(dependsOn: string[]): INodeProperties {
	return {
		...PRICE,
		name: 'price',
		type: 'options',
		noDataExpression: true,
		default: '',
		typeOptions: { loadOptionsMethod: 'getPrice', loadOptionsDependsOn: dependsOn },
		displayOptions: showFor(['generate', 'submit']),
		disabledOptions: showFor(['generate', 'submit']),
	};
}

/**
 * What the catalog says about the price; what cannot be read is said there too.
 *
 * @param chosen gives the model, or undefined before one is chosen
 */
export async function priceOptions(
	chosen: Promise<CatalogModel | undefined>,
): Promise<INodePropertyOptions[]> {
	const priced = await chosen.then(
		(model) => (model ? priceOf(model) : { name: 'Choose a model to see its price' }),
		(error: unknown) => ({
			// n8n (2.41.1) gives a new node its credential while this list is already being loaded.
			name:
				error instanceof RunComfyError
					? 'Not available right now'
					: 'Open the node again to see the price',
		}),
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
