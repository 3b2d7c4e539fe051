import type { INodeProperties } from 'n8n-workflow';
import { invalidInput } from '../api/errors';
import { cancel } from './cancel';
import { downloadField } from './delivery';
import { generate } from './generate';
import { getResult, waitForCompletionField } from './getResult';
import { getStatus } from './getStatus';
import type { Operation } from './operation';
import { optionsField } from './options';
import { requestIdField } from './requestId';
import { submit } from './submit';

/** By name, as n8n's guidelines want lists of five or more. */
export const operations: Operation[] = [cancel, generate, getResult, getStatus, submit];

const NAMES = Object.fromEntries(operations.map(({ value, name }) => [value, name]));

export const subtitle = `={{ (${JSON.stringify(NAMES)})[$parameter.operation] }}`;

/** @param media what the node makes, as its texts call it */
export function formWith(media: string, input: INodeProperties[]): INodeProperties[] {
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			options: operations.map(({ value, name, words }) => ({ name, value, ...words(media) })),
			default: 'generate',
		},
		requestIdField,
		waitForCompletionField(media),
		...input,
		downloadField(media),
		...optionsField(operations),
	];
}

/** @throws RunComfyError `invalidInput`: an operation that was not chosen must not become a paid request */
export function operationNamed(name: unknown): Operation {
	const operation = operations.find(({ value }) => value === name);
	if (operation) return operation;
	const names = operations.map(({ value }) => value).join(', ');
	throw invalidInput(`Operation must be one of ${names}`);
}
