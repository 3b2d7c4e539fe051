import type { INodeProperties } from 'n8n-workflow';
import type { RequestAddress } from '../api/client';
import { invalidInput } from '../api/errors';
import { isRequestId } from '../api/replies';
import type { Item } from '../parameters/item';
import { isBlank, wrongValue } from '../parameters/values';
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

export function readAddress(item: Item): RequestAddress {
	const value = item.value('requestId');
	if (isBlank(value)) {
		throw invalidInput(
			'Request ID is required: enter one, or connect items that have a request_id',
		);
	}
	const isId = typeof value === 'string' || Number.isSafeInteger(value);
	if (!isId) throw invalidInput(`Request ID ${wrongValue(value, 'the ID of a request, as text')}`);
	const requestId = String(value).trim();
	if (!isRequestId(requestId)) {
		throw invalidInput(
			'Request ID contains invalid characters: enter the ID alone, without spaces or a URL',
		);
	}
	return { requestId };
}
