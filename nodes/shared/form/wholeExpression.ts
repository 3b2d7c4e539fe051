import type { INodeProperties } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';

/**
 * A collection with its shadow. n8n (2.41.1) turns a collection that is given as one expression into an
 * empty one when it loads a workflow, and says nothing. A hidden field of the same name, behind it,
 * keeps what the workflow holds, so that `refuseWholeExpression` sees it.
 */
export function withShadow(collection: INodeProperties): INodeProperties[] {
	const { displayName, name, displayOptions } = collection;
	return [
		collection,
		{ displayName, name, type: 'hidden', default: {}, ...(displayOptions && { displayOptions }) },
	];
}

/**
 * Refuses a collection that is given as one expression.
 *
 * @param held what the workflow holds: the collection, and what in it is a list or an object
 * @param label what the form calls the collection
 * @param remedy what to do instead
 * @throws RunComfyError `invalidInput`
 */
export function refuseWholeExpression(held: unknown[], label: string, remedy: string): void {
	if (!held.some((value) => typeof value === 'string')) return;
	throw new RunComfyError('invalidInput', {
		detail: `${label} cannot be given as one expression: ${remedy}`,
	});
}
