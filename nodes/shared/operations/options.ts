import type { INodeProperties } from 'n8n-workflow';
import { invalidInput } from '../api/errors';
import type { Item } from '../parameters/item';
import { nearestName } from '../parameters/nearestName';
import { refuseWholeValue, withShadow } from '../parameters/wholeValue';
import { isNothing, readNumericText, wrongValue } from '../parameters/values';
import { showFor, type Operation, type OptionValues } from './operation';
import type { OptionChanges } from './run';

export const maximumConcurrencyOption: INodeProperties = {
	displayName: 'Maximum Concurrency',
	name: 'maximumConcurrency',
	type: 'number',
	default: 20,
	description: 'How many items to process at the same time. The value of the first item applies.',
};

export const maximumRequestsOption: INodeProperties = {
	displayName: 'Maximum Requests',
	name: 'maximumRequests',
	type: 'number',
	default: 100,
	description:
		'How many billed requests one run of the node may submit. A run with more items submits none. The value of the first item applies.',
};

export function readMaximum(option: INodeProperties, given: OptionValues): number {
	const value = given[option.name] ?? option.default;
	const isRight = (count: number) => Number.isInteger(count) && count >= 1;
	return readNumber(option.displayName, value, 'a whole number of at least 1', isRight);
}

/** Numbers have no limits here, for n8n's control (2.41.1) silently changes a typed number to fit them. */
export function optionsField(
	operations: Operation[],
	changes: OptionChanges = new Map(),
): INodeProperties[] {
	const namesWith = (option: INodeProperties) =>
		operations.filter(({ options }) => options.includes(option)).map(({ value }) => value);
	const options = [...allOptions(operations)].map((option) => ({
		...option,
		...changes.get(option),
		displayOptions: { show: { '/operation': namesWith(option) } },
	}));
	return withShadow({
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		displayOptions: showFor(
			operations.filter((operation) => operation.options.length > 0).map(({ value }) => value),
		),
		options,
	});
}

/** @throws RunComfyError `invalidInput` for an option that no operation has; what another one has set is ignored */
export function readOptions(
	item: Item,
	operation: Operation,
	all: Operation[],
	changes: OptionChanges = new Map(),
): OptionValues {
	refuseWholeValue([item.raw('options')], 'Options', 'add the options one by one');
	const given = (item.value('options', {}) ?? {}) as OptionValues;
	const known = [...allOptions(all)];
	const unknown = Object.keys(given).find((key) => known.every(({ name }) => name !== key));
	if (unknown !== undefined) throw invalidInput(sayUnknown(unknown, known));
	return Object.fromEntries(
		operation.options.map((option) => {
			const { name } = option;
			const usual = changes.get(option)?.default ?? option.default;
			return [name, name in given ? given[name] : usual];
		}),
	);
}

function allOptions(operations: Operation[]): Set<INodeProperties> {
	return new Set(operations.flatMap(({ options }) => options));
}

function sayUnknown(given: string, known: INodeProperties[]): string {
	const near = nearestName(
		given,
		known.map(({ name }) => name),
	);
	const option = known.find(({ name }) => name === near);
	const remedy = option ? `use ${option.name} (${option.displayName})` : 'remove it';
	return `Options has no option ${JSON.stringify(given.slice(0, 40))}: ${remedy}`;
}

/**
 * @param rule what it must be, as the end of "must be …"
 * @throws RunComfyError `invalidInput` for anything else; text that writes out a number is one
 */
export function readNumber(
	label: string,
	value: unknown,
	rule: string,
	isRight: (value: number) => boolean,
): number {
	const number = readNumericText(value);
	if (typeof number === 'number' && Number.isFinite(number) && isRight(number)) return number;
	throw invalidInput(`${label} ${wrongValue(value, rule)}`);
}

export function readFieldName(label: string, value: unknown): string {
	const name = typeof value === 'string' ? value.trim() : '';
	if (name && !name.includes('.')) return name;
	throw invalidInput(`${label} ${wrongValue(name || value, 'a name without dots')}`);
}

/** A text that may be left out, by an expression too. */
export function readOptionalText(label: string, value: unknown): string {
	if (isNothing(value)) return '';
	if (typeof value === 'string' || Number.isFinite(value)) return String(value);
	throw invalidInput(`${label} ${wrongValue(value, 'text')}`);
}
