import type { INodeProperties } from 'n8n-workflow';
import { invalidInput } from '../api/errors';
import { capital } from '../errors/errorText';
import { cancel } from './cancel';
import { downloadField } from './delivery';
import { generate } from './generate';
import { getResult, waitForCompletionField } from './getResult';
import { getStatus } from './getStatus';
import type { Operation, OperationName } from './operation';
import { optionsField } from './options';
import { deploymentIdField, requestIdField } from './requestId';
import type { MediaNode } from './run';
import { submit } from './submit';

/** The first is the first action that n8n offers. */
export const operations: Operation[] = [generate, submit, cancel, getResult, getStatus];

const NAMES = Object.fromEntries(operations.map(({ value, name }) => [value, name]));

export const subtitle = `={{ (${JSON.stringify(NAMES)})[$parameter.operation] }}`;

export function formWith(
	{ makes: media, target = 'model', changes }: Pick<MediaNode, 'makes' | 'target' | 'changes'>,
	input: INodeProperties[],
): INodeProperties[] {
	const operationOf = (resource: string, ofRequest: boolean, usual: OperationName) => ({
		displayName: 'Operation',
		name: 'operation',
		type: 'options' as const,
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options: operations
			.filter((operation) => operation.ofRequest === ofRequest)
			.map(({ value, name, words }) => ({ name, value, ...words(media, target) })),
		default: usual,
	});
	const made = target === 'deployment' ? 'workflow' : media;
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: [
				{ name: capital(made), value: made },
				{ name: 'Request', value: 'request' },
			],
			default: made,
		},
		operationOf(made, false, 'generate'),
		operationOf('request', true, 'getResult'),
		...(target === 'deployment' ? [deploymentIdField] : []),
		requestIdField,
		waitForCompletionField(media),
		...input,
		downloadField(media),
		...optionsField(operations, changes),
	];
}

/** @throws RunComfyError `invalidInput`: an operation that was not chosen must not become a paid request */
export function operationNamed(name: unknown): Operation {
	const operation = operations.find(({ value }) => value === name);
	if (operation) return operation;
	const names = operations.map(({ value }) => value).join(', ');
	throw invalidInput(`Operation must be one of ${names}: choose Resource and Operation again`);
}
