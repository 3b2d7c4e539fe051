import type { IWorkflowExecutionCustomData } from 'n8n-workflow';

const KEY = 'runcomfy_requests';
/** n8n (2.41.1) keeps 10 keys in an execution, for all its nodes. */
const MOST_KEYS = 4;
/** n8n (2.41.1) cuts a value at 512 characters, and logs an error for one that is longer than this. */
const LONGEST_VALUE = 255;

/**
 * Adds a request ID to the custom data of the execution, as far as there is room: n8n (2.41.1) saves that when an
 * execution ends, by an error, a Stop or a timeout too, and shows it with the execution. A killed n8n does not.
 */
export function showInExecution(
	customData: IWorkflowExecutionCustomData | undefined,
	requestId: string,
): void {
	if (!customData) return;
	for (let place = 1; place <= MOST_KEYS; place++) {
		const key = place === 1 ? KEY : `${KEY}_${place}`;
		const value = [customData.get(key), requestId].filter(Boolean).join(' ');
		if (value.length <= LONGEST_VALUE) {
			customData.set(key, value);
			return;
		}
	}
}
