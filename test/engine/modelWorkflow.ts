import type { INode, INodeParameters } from 'n8n-workflow';
import type { WorkflowJson } from '../fixtures/workflows';
import { CREDENTIAL, withResource } from './klingWorkflow';

/**
 * A workflow of a trigger, the node for any model, and a node for each of its outputs.
 *
 * @param parameters of the node, as a workflow holds them
 * @param settings of the node: On Error, Retry On Fail
 */
export function modelWorkflow(
	parameters: INodeParameters,
	settings: Partial<INode> = {},
): WorkflowJson {
	const place = { typeVersion: 1, position: [0, 0] as [number, number] };
	const to = (node: string) => [{ node, type: 'main' as const, index: 0 }];
	return {
		name: 'RunComfy',
		nodes: [
			{ ...place, id: '1', name: 'Rows', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
			{
				...place,
				id: '2',
				name: 'RunComfy',
				type: 'n8n-nodes-runcomfy.runComfy',
				parameters: withResource(parameters),
				credentials: { runComfyApi: { id: CREDENTIAL, name: CREDENTIAL } },
				...settings,
			},
			{ ...place, id: '3', name: 'Files', type: 'n8n-nodes-base.noOp', parameters: {} },
			{ ...place, id: '4', name: 'Failures', type: 'n8n-nodes-base.noOp', parameters: {} },
		],
		connections: {
			Rows: { main: [to('RunComfy')] },
			RunComfy: { main: [to('Files'), to('Failures')] },
		},
		settings: { executionOrder: 'v1' },
	};
}

/** A model as the field holds it, once it was chosen or written. */
export function located(value: string, mode: 'list' | 'id' | 'url' = 'list'): INodeParameters {
	return { __rl: true, mode, value } as unknown as INodeParameters;
}
