import { invalidInput } from '../shared/api/errors';
import type { ModelInputs } from '../shared/inputs/modelInputs';
import type { Item } from '../shared/parameters/item';
import { readChoice, wrongValue } from '../shared/parameters/values';
import { inputsOf, SOURCES, TIERS, type Source, type Tier } from './schemas';

/** The choice of Model for any other ID, which has a field of its own. */
export const BY_ID = 'byId';

export interface KlingModel {
	id: string;
	source: Source;
	inputs: ModelInputs;
}

/** The ID of a tier's model (RunComfy's public model pages, autumn 2026). */
export function modelId(tier: Tier, source: Source): string {
	return `kling/kling-3.0/${tier}/${source}-to-video`;
}

/**
 * Reads which model is meant: a tier, or from an expression an ID itself.
 *
 * @throws RunComfyError `invalidInput`, also for an ID that says that it starts from something else
 */
export function readModel(item: Item): KlingModel {
	// As it is held: an expression cannot decide which fields n8n shows.
	const source = readChoice('Generate From', item.raw('generateFrom') ?? 'text', SOURCES);
	const value = item.value('model');
	const chosen = typeof value === 'string' ? value.trim() : value;
	const named = TIERS.find((tier) => tier === chosen);
	const id = named ? modelId(named, source) : readId(item, chosen, source);
	const tier = TIERS.find((one) => modelId(one, source) === id);
	return { id, source, inputs: inputsOf(source, tier) };
}

function readId(item: Item, chosen: unknown, source: Source): string {
	const [label, value, rule] =
		chosen === BY_ID
			? ['Model ID', item.value('modelId', ''), 'an ID such as kling/kling-3.0/pro/text-to-video']
			: ['Model', chosen, `${TIERS.join(', ')}, ${BY_ID} or the ID of a model`];
	const id = typeof value === 'string' ? value.trim() : '';
	const parts = id.split('/');
	const isId =
		parts.length > 1 && parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
	if (!isId) throw invalidInput(`${label} ${wrongValue(value, rule)}`);
	const names = parts.map((part) => part.toLowerCase());
	const startsFrom = SOURCES.filter((one) => names.includes(`${one}-to-video`));
	const other = startsFrom.includes(source) ? undefined : startsFrom[0];
	if (!other) return id;
	throw invalidInput(
		`${label} names a model that generates from ${other}, but 'Generate From' is ${source}: change one of them`,
	);
}
