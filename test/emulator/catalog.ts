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
	const found = catalog.filter((entry) => isFound(entry, query));
	const models = found
		.slice(offset, offset + limit)
		.map(({ input_schema: schema, ...entry }) =>
			query.get('include_schema') === 'true' ? { ...entry, input_schema: schema } : entry,
		);
	return json(200, { models, total: found.length, limit, offset });
}

/** What `GET /v1/models/categories` answers. */
export function listCategories(catalog: CatalogEntry[]): Answer {
	const categories = new Set(catalog.flatMap((entry) => entry.categories ?? []));
	return json(200, { categories: [...categories].sort() });
}

/** What a model makes of an input, by its category. */
export function outputOfModel(entry: CatalogEntry | undefined, input: object): Output {
	const [kind] = /(image|video|audio)$/.exec(entry?.categories?.[0] ?? '') ?? [];
	if (kind === 'image') return 'num_images' in input && input.num_images !== 1 ? 'images' : 'image';
	return kind === 'audio' ? 'audio' : 'video';
}

function isFound(entry: CatalogEntry, query: URLSearchParams): boolean {
	const { model_id: id, display_name: name = '', description = '', categories = [], kind } = entry;
	const search = (query.get('search') ?? '').toLowerCase();
	return (
		[id, name, description].some((text) => String(text).toLowerCase().includes(search)) &&
		(!query.get('category') || categories.includes(query.get('category') ?? '')) &&
		(!query.get('kind') || kind === query.get('kind'))
	);
}

function outOfRange(name: string): Answer {
	return json(422, { detail: [{ loc: ['query', name], msg: 'out of range' }] });
}
