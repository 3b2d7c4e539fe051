import type { CatalogEntry } from '../fixtures/catalog';
import type { Answer } from './faults';
import { json } from './http';
import type { Output } from './scenarios';

/** What `GET /v1/models` answers. */
export function listModels(catalog: CatalogEntry[], query: URLSearchParams): Answer {
	const limit = Number(query.get('limit') ?? 100);
	const offset = Number(query.get('offset') ?? 0);
	if (!Number.isInteger(limit) || limit < 1 || limit > 500) return outOfRange('limit');
	if (!Number.isInteger(offset) || offset < 0) return outOfRange('offset');
	const withSchema = query.get('include_schema') === 'true';
	const found = catalog.filter((entry) => isFound(entry, query));
	const models = found
		.slice(offset, offset + limit)
		.map((entry) => (withSchema ? entry : entry && { ...entry, input_schema: undefined }));
	return json(200, { models, total: found.length, limit, offset });
}

/** What `GET /v1/models/categories` answers. */
export function listCategories(catalog: CatalogEntry[]): Answer {
	const categories = new Set(catalog.flatMap(categoriesOf));
	return json(200, { categories: [...categories].sort() });
}

/** A model of the catalog, which may hold things that are no models. */
export function findModel(catalog: CatalogEntry[], modelId: string): CatalogEntry | undefined {
	return catalog.find((entry) => entry?.model_id === modelId);
}

/** What a model makes of an input, by its category. */
export function outputOfModel(entry: CatalogEntry | undefined, input: object): Output {
	const [kind] = /(image|video|audio)$/.exec(categoriesOf(entry)[0] ?? '') ?? [];
	if (kind === 'image') return 'num_images' in input && input.num_images !== 1 ? 'images' : 'image';
	return kind === 'audio' ? 'audio' : 'video';
}

function isFound(entry: CatalogEntry, query: URLSearchParams): boolean {
	const search = (query.get('search') ?? '').toLowerCase();
	const { model_id: id, display_name: name, description, kind } = entry ?? {};
	return (
		[id, name, description].some((text) =>
			String(text ?? '')
				.toLowerCase()
				.includes(search),
		) &&
		(!query.get('category') || categoriesOf(entry).includes(query.get('category') ?? '')) &&
		(!query.get('kind') || kind === query.get('kind'))
	);
}

/** The categories of an entry, which may be as odd as a test makes it. */
function categoriesOf(entry: CatalogEntry | undefined): string[] {
	return [entry?.categories ?? []].flat();
}

function outOfRange(name: string): Answer {
	return json(422, { detail: [{ loc: ['query', name], msg: 'out of range' }] });
}
