import type { INodeProperties } from 'n8n-workflow';
import { showFor } from './operation';

/** Which request it is about. The default finds the ID in an item of this node and in its error items. */
export const requestIdField: INodeProperties = {
	displayName: 'Request ID',
	name: 'requestId',
	type: 'string',
	required: true,
	default: '={{ $json.request_id ?? $json.details?.request_id }}',
	placeholder: 'e.g. 2f1c9a4e-6d0b-4f6e-9f57-0f6f3c1f2a77',
	displayOptions: showFor(['getStatus', 'getResult', 'cancel']),
	description:
		"The ID that 'Submit Request' returned or an error names. By default the request_id of the incoming item.",
};

/** Which deployment has run it. */
export const deploymentIdField: INodeProperties = {
	displayName: 'Deployment ID',
	name: 'deploymentId',
	type: 'string',
	required: true,
	default: '={{ $json.deployment_id ?? $json.details?.deployment_id }}',
	placeholder: 'e.g. 2f1c9a4e-6d0b-4f6e-9f57-0f6f3c1f2a77',
	displayOptions: showFor(['getStatus', 'getResult', 'cancel']),
	description: 'The deployment of the request. By default the deployment_id of the incoming item.',
};
