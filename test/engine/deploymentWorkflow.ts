import type { INode, INodeParameters } from 'n8n-workflow';
import { DEPLOYMENTS } from '../fixtures/deployments';
import type { WorkflowJson } from '../fixtures/workflows';
import { located, modelWorkflow } from './modelWorkflow';

/** Values of the form, by node and input: `6/text`. */
export function fields(value: INodeParameters): INodeParameters {
	return { inputs: { mappingMode: 'defineBelow', value } };
}

export function json(body: unknown): INodeParameters {
	return {
		specifyInputs: 'json',
		inputsJson: typeof body === 'string' ? body : JSON.stringify(body),
	};
}

/**
 * A workflow of a trigger, the node for deployments, and a node for each of its outputs.
 *
 * @param parameters of the node; the prompt of *text-to-image* comes from the item unless given
 */
export function deploymentWorkflow(
	parameters: INodeParameters = {},
	settings: Partial<INode> = {},
): WorkflowJson {
	const usual = {
		deployment: located(DEPLOYMENTS.textToImage),
		...fields({ '6/text': '={{ $json.prompt }}' }),
	};
	const { nodes, connections, ...rest } = modelWorkflow({ ...usual, ...parameters }, settings);
	const name = 'RunComfy Deployment';
	return {
		...rest,
		name,
		nodes: nodes.map((node) =>
			node.name === 'RunComfy'
				? { ...node, name, type: 'n8n-nodes-runcomfy.runComfyDeployment' }
				: node,
		),
		connections: {
			Rows: { main: [[{ node: name, type: 'main' as const, index: 0 }]] },
			[name]: connections.RunComfy,
		},
	};
}
