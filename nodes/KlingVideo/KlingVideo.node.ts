import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { inputFields } from './fields/inputFields';
import { optionFields } from './fields/optionFields';
import { requestFields } from './fields/requestFields';
import { operationNamed, operations } from './operations';
import { runItems } from './operations/runItems';
import { testCredential } from './runtime/testCredential';

export class KlingVideo implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kling Video',
		name: 'klingVideo',
		icon: { light: 'file:../../icons/runcomfy.svg', dark: 'file:../../icons/runcomfy.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ ({ generate: "Generate and Wait", submit: "Submit", getStatus: "Get Status", getResult: "Get Result", cancel: "Cancel" })[$parameter["operation"]] }}',
		description: 'Make Kling 3.0 videos from text with RunComfy',
		defaults: { name: 'Kling Video' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'runComfyApi', required: true, testedBy: 'testCredential' }],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: operations.map(({ option }) => option),
				default: 'generate',
			},
			...requestFields,
			...inputFields,
			...optionFields,
		],
	};

	methods = { credentialTest: { testCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const operation = operationNamed(this.getNodeParameter('operation', 0));
		return [await runItems(this, operation, this.continueOnFail())];
	}
}
