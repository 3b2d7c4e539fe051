import type { INodeProperties } from 'n8n-workflow';
import { priceField } from '../shared/editor/price';
import { loadedForm } from '../shared/operations/loadedForm';
import { showFor } from '../shared/operations/operation';

const both = showFor(['generate', 'submit']);
const form = loadedForm('model');

export const inputFields: INodeProperties[] = [
	{
		displayName: 'Model',
		name: 'model',
		type: 'resourceLocator',
		required: true,
		default: { mode: 'list', value: '' },
		displayOptions: both,
		description: 'The model to run. New models appear in the list as RunComfy adds them.',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose a model…',
				typeOptions: {
					searchListMethod: 'searchModels',
					searchable: true,
					slowLoadNotice: {
						message: 'RunComfy’s list is slow right now. You can also choose a model By ID.',
						timeout: 5_000,
					},
				},
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. blackforestlabs/flux-2/flash/text-to-image',
				hint: 'The ID on the model’s API page',
			},
			{
				displayName: 'By URL',
				name: 'url',
				type: 'string',
				placeholder: 'e.g. https://www.runcomfy.com/models/blackforestlabs/flux-2-flash',
				hint: 'The address of the model’s page on RunComfy',
			},
		],
	},
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		placeholder: 'e.g. A paper boat on a rainy street at dusk, soft light',
		displayOptions: form.inForm,
		description: 'What to generate. Leave it empty for a model that takes no prompt.',
	},
	form.inputs('Inputs', true),
	priceField(['model.value']),
	form.specifyInputs(
		'Whether to fill in the fields or to enter all inputs as JSON. A model from an expression takes JSON.',
	),
	...form.inJson.map(
		(displayOptions): INodeProperties => ({
			displayName: 'Inputs (JSON)',
			name: 'inputsJson',
			type: 'json',
			typeOptions: { rows: 8 },
			required: true,
			default: '{\n  "prompt": ""\n}',
			displayOptions,
			hint: 'Use the input names on the model’s API page. A file can be a URL, a data URI, or { "binary": "data" }.',
			description:
				'All inputs of the model, by their names on its API page. They are checked like the form.',
		}),
	),
	...form.inJson.map(
		(displayOptions): INodeProperties => ({
			displayName: 'Check Inputs',
			name: 'checkInputs',
			type: 'boolean',
			default: true,
			displayOptions,
			description:
				'Whether to check the inputs against RunComfy’s catalog before anything is billed. Turn it off only when the catalog is down or wrong about the model.',
		}),
	),
];
