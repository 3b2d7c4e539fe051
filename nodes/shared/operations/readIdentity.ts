import type { IDataObject, IExecuteFunctions, INode } from 'n8n-workflow';
import { isAgentTool } from '../errors/agentTool';
import type { RequestIdentity } from '../requests/requestMemory';
import type { MediaNode } from './mediaNode';

/**
 * Reads what tells that an earlier try has asked for the same: what the user has filled in, expressions
 * unresolved, the item, and the credential.
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
		parameters: inputFields.map((name) => filledIn(parameters[name])),
		item,
		credential: [credentials?.runComfyApi?.id, baseUrl],
	};
}

/**
 * A parameter without what n8n's editor (2.41.1) keeps beside its value and refreshes by itself: the name of
 * what was chosen from a list, the form that was loaded and the order of its fields.
 */
function filledIn(held: INode['parameters'][string] | undefined): unknown {
	if (typeof held !== 'object' || held === null || Array.isArray(held)) return held;
	if ('__rl' in held) return held.value;
	if (!('mappingMode' in held)) return held;
	const { value } = held;
	if (typeof value !== 'object' || value === null) return value;
	return Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
}
