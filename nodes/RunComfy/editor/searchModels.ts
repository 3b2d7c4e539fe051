import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchResult,
} from 'n8n-workflow';
import type { CatalogModel } from '../../shared/api/catalog';
import { messageInEditor, openCatalog } from '../../shared/editor/catalog';
import { isHttpsUrl } from '../../shared/inputs/fileSource';

const PAGE_SIZE = 100;
const RETRY = 'Try again in a minute, or choose the model By ID.';

/**
 * The list of models, by name. A model is found when every word of the filter is in its name, its ID or
 * its categories, however they are put together.
 *
 * @param paginationToken where the page begins; n8n (2.41.1) gives a number back as text
 */
export async function searchModels(
	this: ILoadOptionsFunctions,
	filter = '',
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const models = await openCatalog(this)
		.then(async ({ catalog, limits }) => await catalog.models(limits))
		.catch((error: unknown) => {
			throw new NodeOperationError(this.getNode(), messageInEditor(this, error, RETRY));
		});
	const words = plain(filter).split(' ').filter(Boolean);
	const found = models
		.filter((model) => words.every((word) => plain(searched(model)).includes(word)))
		.map((model) => ({ model, name: rowOf(model) }))
		.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));

	const start = Number(paginationToken ?? 0);
	const end = start + PAGE_SIZE;
	return {
		results: found.slice(start, end).map(({ model: { id, pageUrl }, name }) => ({
			name,
			value: id,
			...(pageUrl !== undefined && isHttpsUrl(pageUrl) && { url: pageUrl }),
		})),
		...(end < found.length && { paginationToken: String(end) }),
	};
}

/** What a row shows: the name, and what the model makes of what, once. */
function rowOf({ name, categories: [category] }: CatalogModel): string {
	if (category === undefined) return name;
	const kind = category.replaceAll('-', ' ');
	const rest = name
		.replace(new RegExp(`[\\s·,-]*${kind.replace(/\W/g, '[\\s-]')}\\s*$`, 'i'), '')
		.trim();
	return `${rest || name} · ${kind}`;
}

function searched({ id, name, categories }: CatalogModel): string {
	return [name, id, ...categories].join(' ');
}

function plain(text: string): string {
	return text
		.toLowerCase()
		.replace(/[^\p{L}\p{N}.]+/gu, ' ')
		.trim();
}
