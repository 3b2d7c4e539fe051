import { NodeConnectionTypes, type IExecuteFunctions, type INodeType } from 'n8n-workflow';

/** Passes its input on: what a trigger and a No Operation node do for the node that is tested. */
function passThrough(name: string, group: 'trigger' | 'organization'): INodeType {
	return {
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
			return [this.getInputData()];
		},
	};
}

/**
 * The nodes of n8n's own packages that workflows start and end with. n8n-nodes-base is no part of
 * n8n-core; in the end-to-end tests the real ones run.
 */
export const standInNodes: Record<string, INodeType> = {
	'n8n-nodes-base.manualTrigger': passThrough('manualTrigger', 'trigger'),
	'n8n-nodes-base.noOp': passThrough('noOp', 'organization'),
};
