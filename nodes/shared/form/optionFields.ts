import type { INodeProperties } from 'n8n-workflow';
import { showInsideFor, type OperationName } from './showFor';
import { withShadow } from './wholeValue';

const delivers = showInsideFor(['generate', 'getResult']);
const spends = showInsideFor(['generate', 'submit', 'getResult']);

/**
 * Numbers have no limits here, for n8n's control (2.41.1) changes a typed number to fit them without a
 * word: what is read is checked, and says so.
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
			'Further hosts, separated by commas, that files may be downloaded from, with all hosts under them. Always allowed are runcomfy.net, runcomfy.com and the host of the credential.',
	},
	{
		displayName: 'Download Media',
		name: 'downloadMedia',
		type: 'boolean',
		default: true,
		displayOptions: delivers,
		description:
			'Whether to put the file into the item as binary data, beside its URL. When off, the item has the URL only.',
	},
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.title }}',
		displayOptions: delivers,
		description:
			'Name of the file, with or without ending: the right one is added. By default the request ID.',
	},
	{
		displayName: 'Include Cost',
		name: 'includeCost',
		type: 'boolean',
		default: false,
		displayOptions: delivers,
		description: 'Whether to ask RunComfy what the request cost, in US dollars',
	},
	{
		displayName: 'Max Concurrency',
		name: 'maxConcurrency',
		type: 'number',
		default: 20,
		description: 'How many items to work on at the same time. The value of the first item counts.',
	},
	{
		displayName: 'Maximum File Size (MB)',
		name: 'maximumFileSizeMb',
		type: 'number',
		default: 2048,
		displayOptions: delivers,
		description: 'A larger file is not downloaded; the error names its URL',
	},
	{
		displayName: 'Maximum Wait (Minutes)',
		name: 'maximumWaitMinutes',
		type: 'number',
		default: 30,
		displayOptions: spends,
		description:
			'How long to wait for a video. After that the item ends in an error with the request ID; the request goes on and Get Result picks it up.',
	},
	{
		displayName: 'On Stop: Cancel the Queued Request',
		name: 'cancelOnStop',
		type: 'boolean',
		default: true,
		displayOptions: showInsideFor(['generate', 'submit']),
		description:
			'Whether to cancel the request at RunComfy when the execution is stopped or times out. Only a queued request can be cancelled; a running one goes on and is charged.',
	},
	{
		displayName: 'On Stop: Cancel the Queued Request',
		name: 'cancelOnStop',
		type: 'boolean',
		default: false,
		displayOptions: showInsideFor(['getResult']),
		description:
			'Whether to cancel the request at RunComfy when the execution is stopped or times out. By default it is left alone, for it was submitted elsewhere.',
	},
	{
		displayName: 'Output Binary Field',
		name: 'outputBinaryField',
		type: 'string',
		default: 'data',
		displayOptions: delivers,
		description: 'Name of the binary field that the file goes into',
	},
	{
		displayName: 'Poll Interval (Seconds)',
		name: 'pollIntervalSeconds',
		type: 'number',
		default: 2,
		displayOptions: delivers,
		description: 'The least time between two looks at a request. Most looks are further apart.',
	},
];

export const optionFields: INodeProperties[] = withShadow({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
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
