import type { INode, INodeParameters } from 'n8n-workflow';
import { DEPLOYMENTS } from '../fixtures/deployments';
import type { WorkflowJson } from '../fixtures/workflows';
import { isDeployment } from './nodeUnderTest';

/** The id of the credential that the workflows of the tests name. */
export const CREDENTIAL = 'runcomfy';

/**
 * A workflow of a trigger, the node, and a node for each of its outputs.
 *
 * @param parameters of the node; the prompt comes from the item unless given
 * @param settings of the node: On Error, Retry On Fail
 */
export function klingWorkflow(
	parameters: INodeParameters = {},
	settings: Partial<INode> = {},
): WorkflowJson {
	const place = { typeVersion: 1, position: [0, 0] as [number, number] };
	const to = (node: string) => [{ node, type: 'main' as const, index: 0 }];
	return {
		name: 'Kling Video',
		nodes: [
			{ ...place, id: '1', name: 'Ideas', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
			{
				...place,
				id: '2',
				name: 'Kling Video',
				...nodeOf({ prompt: '={{ $json.prompt }}', ...withResource(parameters) }),
				credentials: { runComfyApi: { id: CREDENTIAL, name: CREDENTIAL } },
				...settings,
			},
			{ ...place, id: '3', name: 'Videos', type: 'n8n-nodes-base.noOp', parameters: {} },
			{ ...place, id: '4', name: 'Failures', type: 'n8n-nodes-base.noOp', parameters: {} },
		],
		connections: {
			Ideas: { main: [to('Kling Video')] },
			'Kling Video': { main: [to('Videos'), to('Failures')] },
		},
		settings: { executionOrder: 'v1' },
	};
}

/** The resource that the editor saves with an operation on a request; the other is the default. */
export function withResource(parameters: INodeParameters): INodeParameters {
	const ofRequest = ['getStatus', 'getResult', 'cancel'].includes(String(parameters.operation));
	return { ...(ofRequest && { resource: 'request' }), ...parameters };
}

/** The node that makes a video of the prompt, with the same name whichever it is. */
function nodeOf({ prompt, ...parameters }: INodeParameters): Pick<INode, 'type' | 'parameters'> {
	if (!isDeployment) {
		return { type: 'n8n-nodes-runcomfy.klingVideo', parameters: { prompt, ...parameters } };
	}
	const deployment = { __rl: true, mode: 'list', value: DEPLOYMENTS.imageToVideo };
	const inputs = { mappingMode: 'defineBelow', value: { '2/prompt': prompt } };
	return {
		type: 'n8n-nodes-runcomfy.runComfyDeployment',
		parameters: { deployment, inputs, ...parameters } as INodeParameters,
	};
}

/** Items of a sheet of ideas: one prompt a row. */
export function ideas(...prompts: string[]): Array<{ json: { prompt: string; row: number } }> {
	return prompts.map((prompt, row) => ({ json: { prompt, row } }));
}
