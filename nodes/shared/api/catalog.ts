import { ApiCaller, PASSING_ERRORS, type CallParts } from './call';
import { modelPath } from './client';
import { RunComfyError, type ErrorKind } from './errors';
import type { CallLimits } from './http';
import type { ReplyBody } from './replies';

/** The most models that one page of the catalog may have (RunComfy's command line client). */
const PAGE_SIZE = 500;
const MOST_PAGES = 20;

export interface CatalogModel {
	id: string;
	name: string;
	/** What it makes of what, e.g. `image-to-video`. */
	categories: string[];
	pageUrl?: string | undefined;
	/** US dollars a unit, as a base that options may raise. */
	basePriceUsd?: number | undefined;
	priceUnit?: string | undefined;
	pricingNote?: string | undefined;
	/** As it came. Only an answer about this one model has it. */
	inputSchema?: unknown;
}

/**
 * RunComfy's models (as its own clients read them). Retried on passing errors until the deadline; rejects
 * with `catalogUnavailable`, `unauthorized`, or `notFound` for a model that is not there.
 */
export interface Catalog {
	models(limits: CallLimits): Promise<CatalogModel[]>;
	model(modelId: string, limits: CallLimits): Promise<CatalogModel>;
}

const READ = { method: 'GET', timeoutMs: 15_000, endsOnCode: true } as const;

interface Page {
	models: CatalogModel[];
	count: number;
	total?: number;
}

export function createCatalog(parts: CallParts): Catalog {
	const caller = new ApiCaller(parts);

	async function readPageAt(offset: number, limits: CallLimits): Promise<Page> {
		const path = `/v1/models?limit=${PAGE_SIZE}&offset=${offset}`;
		return await caller
			.call({ ...READ, path, about: { model: '' }, read: readPage }, limits)
			.catch(failOfList);
	}

	return {
		async models(limits) {
			const all = new Map<string, CatalogModel>();
			let offset = 0;
			for (let pages = 0; pages < MOST_PAGES; pages++) {
				const { models, count, total } = await readPageAt(offset, limits);
				for (const model of models) all.set(model.id, model);
				offset += count;
				const isLast = total === undefined ? count < PAGE_SIZE : offset >= total;
				if (count === 0 || isLast) break;
			}
			return [...all.values()];
		},
		async model(modelId, limits) {
			const call = { ...READ, path: modelPath(modelId), about: { model: modelId }, read: readOne };
			const model = await caller.call(call, limits).catch(failOfModel);
			// No answer leads a paid request to a model that was not asked for.
			return { ...model, id: modelId };
		},
	};
}

/** A catalog that does not answer is another thing for a user than a request that does not. */
const failUnless =
	(isKept: (kind: ErrorKind) => boolean) =>
	(error: unknown): never => {
		if (!(error instanceof RunComfyError) || isKept(error.kind)) throw error;
		throw new RunComfyError('catalogUnavailable', error.facts);
	};

const failOfModel = failUnless((kind) => !PASSING_ERRORS.includes(kind));
const failOfList = failUnless((kind) => kind === 'unauthorized' || kind === 'stopped');

function readPage({ models, total }: ReplyBody): Page {
	if (!Array.isArray(models)) throw unreadable('a list without models');
	return {
		models: models.flatMap((entry) => readModel(entry) ?? []),
		count: models.length,
		...(typeof total === 'number' && { total }),
	};
}

function readOne(body: ReplyBody): CatalogModel {
	const model = readModel(body);
	if (model) return model;
	throw unreadable('a model without an ID');
}

function readModel(entry: unknown): CatalogModel | undefined {
	const fields = (typeof entry === 'object' && entry !== null ? entry : {}) as ReplyBody;
	const id = textOf(fields.model_id);
	if (id === undefined) return undefined;
	const { categories, base_price_usd: price, input_schema: inputSchema } = fields;
	const named = Array.isArray(categories) ? categories : [];
	return {
		id,
		name: textOf(fields.display_name) ?? id,
		categories: named.filter((name) => typeof name === 'string'),
		pageUrl: textOf(fields.model_url),
		basePriceUsd: typeof price === 'number' && price > 0 ? price : undefined,
		priceUnit: textOf(fields.price_unit),
		pricingNote: textOf(fields.pricing_note),
		inputSchema: inputSchema ?? undefined,
	};
}

function textOf(value: unknown): string | undefined {
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function unreadable(detail: string): RunComfyError {
	return new RunComfyError('unavailable', { detail });
}
