import type { CatalogEntry } from '../fixtures/catalog';
import { usualDuration } from '../fixtures/klingInputSchema';

/** What a model costs, in US dollars. */
export interface Price {
	unit: 'second' | 'output';
	base: number;
	/** With sound. */
	withSound: number;
	/** How many seconds a run has that names no `duration`. */
	seconds: number;
}

/** Kling 3.0's public rates with sound (autumn 2026), by tier; the catalog has the others. */
const WITH_SOUND: Record<string, number> = { standard: 0.126, pro: 0.168, '4k': 0.42 };
/** Rates of our own where the catalog tells none. */
const USUAL = { second: 0.1, output: 0.04 };

/** The price of a model, which may not be in the catalog. */
export function priceOf(modelId: string, entry: CatalogEntry | undefined): Price {
	const [, tier = ''] = /^kling\/kling-3\.0\/(\w+)\//.exec(modelId) ?? [];
	const unit = entry?.price_unit === 'output' ? 'output' : 'second';
	const base = entry?.base_price_usd || USUAL[unit];
	const seconds = modelId.startsWith('kling/kling-3.0/') ? usualDuration(modelId) : 5;
	return { unit, base, withSound: WITH_SOUND[tier] ?? base, seconds };
}

/** What a run costs, in US dollars: sound is on unless it is switched off, as Kling's pages say. */
export function costOf({ unit, base, withSound, seconds }: Price, input: object): number {
	const {
		duration = seconds,
		sound,
		generate_audio: audio = sound,
		num_images: images = 1,
	} = input as Record<string, unknown>;
	const rate = audio === false ? base : withSound;
	const count = Number(unit === 'second' ? duration : images);
	return Number((rate * (count > 0 ? count : seconds)).toFixed(4));
}
