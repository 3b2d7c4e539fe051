import type { INodeProperties } from 'n8n-workflow';
import { invalidInput } from '../api/errors';

/**
 * A collection with its shadow. n8n (2.41.1) turns a collection that is given as one expression into an
 * empty one when it loads a workflow, and says nothing. A hidden field of the same name, behind it,
 * keeps what the workflow holds, so that `refuseWholeValue` sees it.
 */
export function withShadow(collection: INodeProperties): INodeProperties[] {
	const { displayName, name, displayOptions } = collection;
	return [
		collection,
		{ displayName, name, type: 'hidden', default: {}, ...(displayOptions && { displayOptions }) },
	];
}

/**
 * Refuses a collection that is not filled in field by field: what n8n makes of any other is an empty one.
 *
 * @param held what the workflow holds: the collection, then what in it is a list or an object
 * @throws RunComfyError `invalidInput`
 */
export function refuseWholeValue(held: unknown[], label: string, remedy: string): void {
	const given = wholeValue(held);
	if (given === undefined) return;
	throw invalidInput(`${label} cannot be given as ${given}: ${remedy}`);
}

function wholeValue(held: unknown[]): string | undefined {
	const [collection] = held;
	if (held.some((value) => typeof value === 'string')) return 'one expression';
	if (Array.isArray(collection)) return collection.length > 0 ? 'a list' : undefined;
	return typeof collection === 'object' || collection === undefined ? undefined : 'one value';
}
