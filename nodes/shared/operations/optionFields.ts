import type { INodeProperties } from 'n8n-workflow';
import { showFor, showInsideFor, type OperationName } from './showFor';
import { withShadow } from '../parameters/wholeValue';

const delivers = showInsideFor(['generate', 'getResult']);

/**
 * By name, as n8n's guidelines want it. Numbers have no limits here, for n8n's control (2.41.1) silently
 * changes a typed number to fit them. Values are checked when they are read.
 */
const options: INodeProperties[] = [
	{
		displayName: 'Allowed Download Hosts',
		name: 'allowedDownloadHosts',
		type: 'string',
		default: '',
		placeholder: 'e.g. media.example.com, cdn.example.org',
		displayOptions: delivers,
		description:
			"More hosts that files may be downloaded from, separated by commas, with their subdomains. RunComfy's own hosts and the host of the credential are always allowed.",
	},
	{
		displayName: 'Cancel on Stop',
		name: 'cancelOnStop',
		type: 'boolean',
		default: true,
		displayOptions: showInsideFor(['generate', 'submit']),
		description:
			'Whether to cancel the request in RunComfy when the execution is stopped or times out. Only a queued request can be cancelled; a running one finishes and is charged.',
	},
	{
		displayName: 'Cancel on Stop',
		name: 'cancelOnStop',
		type: 'boolean',
		default: false,
		displayOptions: showInsideFor(['getResult']),
		description:
			'Whether to cancel the request in RunComfy when the execution is stopped or times out. Only a queued request can be cancelled.',
	},
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.title }}',
		displayOptions: delivers,
		description: 'Name of the file. The right extension is added. Defaults to the request ID.',
	},
	{
		displayName: 'Include Cost',
		name: 'includeCost',
		type: 'boolean',
		default: false,
		displayOptions: delivers,
		description: 'Whether to output what the request cost, in US dollars',
	},
	{
		displayName: 'Maximum Concurrency',
		name: 'maximumConcurrency',
		type: 'number',
		default: 20,
		description: 'How many items to process at the same time. The value of the first item applies.',
	},
	{
		displayName: 'Maximum File Size (MB)',
		name: 'maximumFileSizeMb',
		type: 'number',
		default: 2048,
		displayOptions: delivers,
		description: 'A larger file is not downloaded; the error has its URL',
	},
	{
		displayName: 'Maximum Wait (Minutes)',
		name: 'maximumWaitMinutes',
		type: 'number',
		default: 30,
		displayOptions: delivers,
		description:
			"How long to wait for the result. After that the item fails with the request ID; the request continues, and 'Get Request Result' collects it.",
	},
	{
		displayName: 'Maximum Wait (Minutes)',
		name: 'maximumWaitMinutes',
		type: 'number',
		default: 30,
		displayOptions: showInsideFor(['submit']),
		description:
			'How long to keep trying to submit while RunComfy is limiting requests. After that the item fails, and nothing is started.',
	},
	{
		displayName: 'Poll Interval (Seconds)',
		name: 'pollIntervalSeconds',
		type: 'number',
		default: 2,
		displayOptions: delivers,
		description: 'Minimum time between status checks. Most checks are further apart.',
	},
	{
		displayName: 'Put Output File in Field',
		name: 'outputBinaryField',
		type: 'string',
		default: 'data',
		displayOptions: delivers,
		hint: 'The name of the output binary field to put the file in',
	},
];

export const optionFields: INodeProperties[] = withShadow({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	displayOptions: showFor(['generate', 'submit', 'getResult']),
	options,
});

/** What each option is when the user has not added it. */
export function optionDefaults(operation: OperationName): Record<string, unknown> {
	const shown = options.filter(({ displayOptions }) => {
		const operations = displayOptions?.show?.['/operation'];
		return operations === undefined || operations.includes(operation);
	});
	return Object.fromEntries([...options, ...shown].map((option) => [option.name, option.default]));
}
