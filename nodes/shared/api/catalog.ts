import { ApiCaller, PASSING_ERRORS, type CallParts } from './call';
import { modelPath } from './routes';
import { RunComfyError } from './errors';
import type { CallLimits } from './http';
import type { ReplyBody } from './replies';

/** The most models that one page of the catalog may have (RunComfy's command line client). */
const PAGE_SIZE = 500;
const MOST_PAGES = 20;

export interface CatalogModel {
	id: string;
	name: string;
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
export class Catalog {
	readonly #caller: ApiCaller;

	constructor(parts: CallParts) {
		this.#caller = new ApiCaller(parts);
	}

	async models(limits: CallLimits): Promise<CatalogModel[]> {
		const all = new Map<string, CatalogModel>();
		let offset = 0;
		for (let pages = 0; pages < MOST_PAGES; pages++) {
			const path = `/v1/models?limit=${PAGE_SIZE}&offset=${offset}`;
			const { models, total } = await this.#read(path, '', readPage, limits);
			for (const model of models.flatMap((entry) => readModel(entry) ?? [])) {
				all.set(model.id, model);
			}
			offset += models.length;
			const isLast = typeof total === 'number' ? offset >= total : models.length < PAGE_SIZE;
			if (models.length === 0 || isLast) break;
		}
		return [...all.values()];
	}

	async model(modelId: string, limits: CallLimits): Promise<CatalogModel> {
		const model = await this.#read(modelPath(modelId), modelId, readOne, limits);
		// No answer leads a paid request to a model that was not asked for.
		return { ...model, id: modelId };
	}

	/** @param model empty when the call is about the whole list, which cannot be refused as a model can */
	async #read<Answer>(
		path: string,
		model: string,
		read: (body: ReplyBody) => Answer,
		limits: CallLimits,
	): Promise<Answer> {
		const call = { method: 'GET', timeoutMs: 15_000, endsOnCode: true, path, read } as const;
		return await this.#caller
			.call({ ...call, about: { model } }, limits)
			.catch((error: unknown) => {
				if (!(error instanceof RunComfyError)) throw error;
				const { kind } = error;
				const keeps = model
					? !PASSING_ERRORS.includes(kind)
					: ['unauthorized', 'stopped'].includes(kind);
				throw keeps ? error : new RunComfyError('catalogUnavailable', error.facts);
			});
	}
}

function readPage({ models, total }: ReplyBody): { models: unknown[]; total: unknown } {
	if (Array.isArray(models)) return { models, total };
	throw new RunComfyError('unavailable', { detail: 'a list without models' });
}

function readOne(body: ReplyBody): CatalogModel {
	const model = readModel(body);
	if (model) return model;
	throw new RunComfyError('unavailable', { detail: 'a model without an ID' });
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
