import { invalidInput } from '../shared/api/errors';
import { readChoice } from '../shared/parameters/readChoice';
import { wrongValue } from '../shared/parameters/wrongValue';

/** What a video is generated from, which decides the fields of the input. */
export const SOURCES = ['text', 'image'] as const;
export type Source = (typeof SOURCES)[number];

/** The tiers of Kling 3.0, by their names in the model IDs, the lowest price first. */
export const TIERS = ['standard', 'pro', '4k'] as const;
export type Tier = (typeof TIERS)[number];

/** The choice of Model for any other ID, which has a field of its own. */
export const BY_ID = 'byId';

/** A model, and what decides which input it takes. */
export interface KlingModel {
	/** Its ID at RunComfy. */
	id: string;
	source: Source;
	/** Undefined for a model that is not known here, which may take all that any tier takes. */
	tier: Tier | undefined;
}

/** The ID of a tier's model (RunComfy's public model pages, autumn 2026). */
export function modelId(tier: Tier, source: Source): string {
	return `kling/kling-3.0/${tier}/${source}-to-video`;
}

/** @throws RunComfyError `invalidInput` */
export function readSource(value: unknown): Source {
	return readChoice('Generate From', value, SOURCES);
}

/**
 * Reads which model is meant.
 *
 * @param model what Model holds: a tier, `byId`, or from an expression an ID itself
 * @param givenId what Model ID holds
 * @throws RunComfyError `invalidInput`, also for an ID that says that it starts from something else
 */
export function readModel(model: unknown, givenId: unknown, source: Source): KlingModel {
	const chosen = typeof model === 'string' ? model.trim() : model;
	const tier = TIERS.find((name) => name === chosen);
	if (tier) return { id: modelId(tier, source), source, tier };
	return chosen === BY_ID
		? modelOf('Model ID', givenId, 'an ID such as kling/kling-3.0/pro/text-to-video', source)
		: modelOf('Model', chosen, `${TIERS.join(', ')}, ${BY_ID} or the ID of a model`, source);
}

function modelOf(label: string, value: unknown, rule: string, source: Source): KlingModel {
	const id = typeof value === 'string' ? value.trim() : '';
	const parts = id.split('/');
	const isId =
		parts.length > 1 && parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
	if (!isId) throw invalidInput(`${label} ${wrongValue(value, rule)}`);
	const other = SOURCES.find((one) => one !== source && id.endsWith(`/${one}-to-video`));
	if (other) {
		throw invalidInput(
			`${label} names a model that generates from ${other}, but 'Generate From' is ${source}: change one of them`,
		);
	}
	return { id, source, tier: TIERS.find((tier) => modelId(tier, source) === id) };
}
