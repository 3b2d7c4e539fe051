import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { isAgentTool } from '../errors/agentTool';
import type { RequestIdentity } from '../orders/requestMemory';
import type { MediaNode } from './mediaNode';

/**
 * Reads what tells that an earlier try has asked for the same: the node's raw parameters, the item, and
 * the credential.
 *
 * A tool of an AI agent gets the model's arguments as its item, with a `toolCallId` that is new for
 * each call (n8n 2.41.1, agent v3). It does not count, so that a model that calls again after an error
 * gets the request that it has made, and not another one.
 */
export function readIdentity(
	context: IExecuteFunctions,
	itemIndex: number,
	{ inputFields }: MediaNode,
	baseUrl: string,
): RequestIdentity {
	const node = context.getNode();
	const { parameters, credentials } = node;
	const { toolCallId, ...args } = context.getInputData()[itemIndex].json;
	const item: IDataObject =
		isAgentTool(node) || toolCallId === undefined ? args : { ...args, toolCallId };
	return {
		parameters: inputFields.map((name) => parameters[name]),
		item,
		credential: [credentials?.runComfyApi?.id, baseUrl],
	};
}
