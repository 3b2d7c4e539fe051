import type { IDataObject, INode } from 'n8n-workflow';
import { isAgentTool } from '../errors/agentTool';
import type { Item } from '../parameters/item';
import type { RequestIdentity } from '../requests/requestMemory';

/**
 * What tells that an earlier try has asked for the same. The `toolCallId` with which a tool of an AI agent gets
 * its item is new for each call (n8n 2.41.1, agent v3) and does not count, so that a model that calls again
 * after an error gets the request that it has made.
 */
export function readIdentity(
	item: Item,
	inputFields: string[],
	baseUrl: string,
	files?: string[],
): RequestIdentity {
	const node = item.context.getNode();
	const { toolCallId, ...args } = item.json;
	const asked: IDataObject =
		isAgentTool(node) || toolCallId === undefined ? args : { ...args, toolCallId };
	return {
		parameters: inputFields.map((name) => filledIn(node.parameters[name])),
		item: asked,
		credential: [node.credentials?.runComfyApi?.id, baseUrl],
		...(files && { files }),
	};
}

/**
 * Without what n8n's editor (2.41.1) keeps beside a value and refreshes by itself: the name of what was chosen
 * from a list, the form that was loaded and the order of its fields.
 */
function filledIn(held: INode['parameters'][string] | undefined): unknown {
	if (typeof held !== 'object' || held === null || Array.isArray(held)) return held;
	if ('__rl' in held) return held.value;
	if (!('mappingMode' in held)) return held;
	const { value } = held;
	if (typeof value !== 'object' || value === null) return value;
	return Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
}
