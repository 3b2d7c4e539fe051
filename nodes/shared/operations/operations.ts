import type { INodeProperties } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { optionFields } from '../form/optionFields';
import { requestFields } from '../form/requestFields';
import { cancel } from './cancel';
import { generate } from './generate';
import { getResult } from './getResult';
import { getStatus } from './getStatus';
import type { Operation } from './operation';
import { submit } from './submit';

/** Everything a node can do; the list of options, the subtitle and the dispatch are derived from it. */
const operations: Operation[] = [generate, submit, getStatus, getResult, cancel];

const NAMES = Object.fromEntries(operations.map(({ option }) => [option.value, option.name]));

/** The operation by its name, under the node on the canvas. */
export const subtitle = `={{ (${JSON.stringify(NAMES)})[$parameter.operation] }}`;

/**
 * All fields of a node.
 *
 * @param input the node's own fields, which say what to generate
 */
export function formWith(input: INodeProperties[]): INodeProperties[] {
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			options: operations.map(({ option }) => option),
			default: 'generate',
		},
		...requestFields,
		...input,
		...optionFields,
	];
}

/**
 * @param name a value of the operation field
 * @throws RunComfyError `invalidInput` for any other: what nobody chose must not become a paid request
 */
export function operationNamed(name: unknown): Operation {
	const operation = operations.find(({ option }) => option.value === name);
	if (operation) return operation;
	const names = operations.map(({ option }) => option.value).join(', ');
	throw new RunComfyError('invalidInput', { detail: `Operation must be one of ${names}` });
}
