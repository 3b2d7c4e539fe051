import { NodeConnectionTypes, type IExecuteFunctions, type INodeType } from 'n8n-workflow';

/** A node that passes its items on, or gives the items that the execution starts with. */
function passing(name: string, group: 'trigger' | 'transform'): [string, INodeType] {
	const type: INodeType = {
		description: {
			displayName: name,
			name,
			group: [group],
			version: 1,
			description: name,
			defaults: { name },
			inputs: group === 'trigger' ? [] : [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			properties: [],
		},
		async execute(this: IExecuteFunctions) {
			return [this.getInputData().map((item, index) => ({ ...item, pairedItem: { item: index } }))];
		},
	};
	return [`n8n-nodes-base.${name}`, type];
}

/**
 * The n8n nodes around ours in the engine's tests and the demo: n8n-nodes-base is no
 * part of n8n-core. In the end-to-end tests the real ones run.
 */
export const standInNodes: Record<string, INodeType> = Object.fromEntries([
	passing('manualTrigger', 'trigger'),
	passing('formTrigger', 'trigger'),
	passing('form', 'transform'),
	passing('noOp', 'transform'),
	passing('stickyNote', 'transform'),
]);
