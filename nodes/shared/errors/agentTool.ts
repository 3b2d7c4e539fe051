import type { INode } from 'n8n-workflow';
import type { RunComfyError } from '../api/errors';
import type { Target } from '../api/routes';
import { IN_RUNCOMFY } from './errorText';

/** Whether the node runs as the tool of an AI agent (n8n 2.41.1 makes a type of its own for that). */
export function isAgentTool({ type }: Pick<INode, 'type'>): boolean {
	return type.endsWith('Tool');
}

/**
 * Whether an error is given to the model as an item. One that is thrown reaches an agent of version 2 as an
 * empty reply (n8n 2.41.1), and ended one of version 3 in older versions. But only that makes Retry On Fail try again.
 */
export function readsErrorsAsItems(node: INode): boolean {
	const { retryOnFail, onError = 'stopWorkflow' } = node;
	return isAgentTool(node) && (!retryOnFail || onError !== 'stopWorkflow');
}

/** For the model of an agent, which reads nothing else of an error (n8n 2.41.1, agent v3). */
export function messageForModel(
	message: string,
	{ kind, facts }: RunComfyError,
	target: Target,
): string {
	const { requestId, deploymentId } = facts;
	if (kind === 'outcomeUnknown') {
		return `${message}. Do not call this tool again for this: ask the user to check ${IN_RUNCOMFY[target]} first.`;
	}
	if (requestId === undefined) return message;
	const id = `${message}. Request ID: ${requestId}.${deploymentId ? ` Deployment ID: ${deploymentId}.` : ''}`;
	if (kind === 'failed' || kind === 'cancelled') return id;
	const money = target === 'deployment' ? 'uses machine time' : 'will be charged';
	return `${id} The request is already submitted and ${money}: do not submit it again, but tell the user this.`;
}
