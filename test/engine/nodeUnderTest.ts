import { DEPLOYMENTS } from '../fixtures/deployments';

declare global {
	/** Which node the tests of the promises run for, out of jest's configuration; Kling Video where there is none. */
	var nodeUnderTest: 'runComfyDeployment' | undefined;
}

export const isDeployment = globalThis.nodeUnderTest === 'runComfyDeployment';

/** What paid requests are sent to, as the log names it. */
export const target = isDeployment ? DEPLOYMENTS.imageToVideo : 'kling/kling-3.0/pro/text-to-video';

/** What the node makes, as its texts call it. */
export const made = isDeployment ? 'output' : 'video';

/** An item with the IDs that another operation of the node needs. */
export function itemOf(requestId: string) {
	const ids = { request_id: requestId };
	return { json: isDeployment ? { ...ids, deployment_id: target } : ids };
}

/** Requests as an error lists the others of its run. */
export function named(...requestIds: string[]): string {
	return requestIds.map((id) => (isDeployment ? `${id} (deployment ${target})` : id)).join(', ');
}
