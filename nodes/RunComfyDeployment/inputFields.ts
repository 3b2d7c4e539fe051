import type { INodeProperties } from 'n8n-workflow';
import { loadedForm } from '../shared/operations/loadedForm';
import { showFor } from '../shared/operations/operation';

const both = showFor(['generate', 'submit']);
const form = loadedForm('deployment');

/** What to run, on which deployment. */
export const inputFields: INodeProperties[] = [
	{
		displayName: 'Deployment',
		name: 'deployment',
		type: 'resourceLocator',
		required: true,
		default: { mode: 'list', value: '' },
		displayOptions: both,
		description: 'The deployment of your ComfyUI workflow in RunComfy',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose a deployment…',
				typeOptions: { searchListMethod: 'searchDeployments', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 2f1c9a4e-6d0b-4f6e-9f57-0f6f3c1f2a77',
				hint: 'The ID on the deployment’s page in RunComfy',
			},
		],
	},
	form.inputs('Inputs (empty: as saved in the workflow)', false),
	{
		displayName: 'Seed',
		name: 'seed',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'New on Each Run',
				value: 'new',
				description: 'A new number for every seed that is not filled in',
			},
			{
				name: 'Keep',
				value: 'keep',
				description: 'As saved in the workflow. The same inputs again give nothing new.',
			},
		],
		default: 'new',
		displayOptions: both,
		description: 'Which seeds to use. The ones used are in the output.',
	},
	form.specifyInputs(
		'Whether to fill in the fields or to enter overrides as JSON. A deployment from an expression takes JSON.',
	),
	...form.inJson.map(
		(displayOptions): INodeProperties => ({
			displayName: 'Inputs (JSON)',
			name: 'inputsJson',
			type: 'json',
			typeOptions: { rows: 8 },
			required: true,
			default: '{\n  "overrides": {}\n}',
			displayOptions,
			hint: 'Overrides by node ID, e.g. { "6": { "inputs": { "text": "A paper boat" } } }, or a whole workflow_api_json. For a LoRA: the inputs on its API tab, e.g. { "prompt": "A paper boat" }. A file can be a URL, a data URI, or { "binary": "data" }.',
			description: 'What to change in the workflow, as RunComfy’s API takes it',
		}),
	),
];
