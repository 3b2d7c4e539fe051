import type { INodeProperties } from 'n8n-workflow';
import type { Makes } from '../errors/errorText';
import { showFor } from './showFor';

/** Which request it is about. The default finds the ID in an item of this node and in its error items. */
export const requestFields = (makes: Makes): INodeProperties[] => [
	{
		displayName: 'Request ID',
		name: 'requestId',
		type: 'string',
		required: true,
		default: '={{ $json.request_id ?? $json.details?.request_id }}',
		placeholder: 'e.g. 2f1c9a4e-6d0b-4f6e-9f57-0f6f3c1f2a77',
		displayOptions: showFor(['getStatus', 'getResult', 'cancel']),
		description:
			"The ID that 'Submit Request' returned or an error names. By default the request_id of the incoming item.",
	},
	{
		displayName: 'Wait for Completion',
		name: 'waitForCompletion',
		type: 'boolean',
		default: false,
		displayOptions: showFor(['getResult']),
		description: `Whether to wait until the ${makes} is ready. When off, an unfinished request returns its current status.`,
	},
];
