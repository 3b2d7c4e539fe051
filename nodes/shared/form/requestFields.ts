import type { INodeProperties } from 'n8n-workflow';
import { showFor } from './showFor';

/** Which request to look at. The default finds the ID in an item of this node and in its error items. */
export const requestFields: INodeProperties[] = [
	{
		displayName: 'Request ID',
		name: 'request_id',
		type: 'string',
		required: true,
		default: '={{ $json.request_id ?? $json.details?.request_id }}',
		placeholder: 'e.g. 2f1c9a4e-6d0b-4f6e-9f57-0f6f3c1f2a77',
		displayOptions: showFor(['getStatus', 'getResult', 'cancel']),
		description:
			'The ID that Submit gave, that an error named, or that the n8n log shows. By default the request_id of the incoming item.',
	},
	{
		displayName: 'Wait for Completion',
		name: 'waitForCompletion',
		type: 'boolean',
		default: false,
		displayOptions: showFor(['getResult']),
		description:
			'Whether to wait until the video is ready. When off, an unfinished request gives its current status and is no error.',
	},
];
