import { invalidInput } from '../api/errors';
import { isRequestId } from '../api/replies';
import type { RequestAddress, Target } from '../api/routes';
import type { Item } from '../parameters/item';
import { isBlank, wrongValue } from '../parameters/values';

/**
 * The request that the fields of an item name.
 *
 * @throws RunComfyError `invalidInput`
 */
export function readAddress(item: Item, target: Target = 'model'): RequestAddress {
	const requestId = readId(item, 'Request ID', 'requestId', 'request');
	if (target === 'deployment') {
		const deploymentId = readId(item, 'Deployment ID', 'deploymentId', 'deployment');
		return { requestId, deploymentId };
	}
	const { request_id: id, deployment_id: deployment } = {
		...Object(item.json.details),
		...item.json,
	};
	if (deployment !== undefined && id === requestId) {
		throw invalidInput(
			'Request ID is that of a deployment: use the node RunComfy Deployment, which has the same operations',
		);
	}
	return { requestId };
}

function readId(item: Item, label: string, name: string, what: string): string {
	const value = item.value(name);
	if (isBlank(value)) {
		throw invalidInput(`${label} is required: enter one, or connect items that have a ${what}_id`);
	}
	const isId = typeof value === 'string' || Number.isSafeInteger(value);
	if (!isId) throw invalidInput(`${label} ${wrongValue(value, `the ID of a ${what}, as text`)}`);
	const id = String(value).trim();
	if (isRequestId(id)) return id;
	throw invalidInput(
		`${label} contains invalid characters: enter the ID alone, without spaces or a URL`,
	);
}
