import type { INodeProperties } from 'n8n-workflow';
import { showFor } from '../shared/form/showFor';
import { withShadow } from '../shared/form/wholeValue';
import { ASPECT_RATIOS, CFG_SCALE, DURATION, MODELS, RULES, SHOT_TYPES } from './klingInput';

const asFields = showFor(['generate', 'submit'], { specifyInput: ['fields'] });
const asJson = showFor(['generate', 'submit'], { specifyInput: ['json'] });

/**
 * What to generate. The fields of the model's input carry the schema's own names. n8n's linter wants
 * the defaults as literals; a test holds them against the schema. Numbers have no limits here, for n8n's
 * control (2.41.1) changes a typed number to fit them without a word, and another video is paid for.
 */
export const inputFields: INodeProperties[] = [
	{
		displayName: 'Model',
		name: 'model',
		type: 'options',
		options: [
			{
				name: 'Kling 3.0 Pro',
				value: MODELS.pro,
				description: 'Higher quality',
			},
			{
				name: 'Kling 3.0 Standard',
				value: MODELS.standard,
				description: 'The least expensive',
			},
			{
				name: 'Kling 3.0 4K',
				value: MODELS.fourK,
				description: 'The highest resolution, and the most expensive',
			},
		],
		default: 'kling/kling-3.0/pro/text-to-video',
		displayOptions: showFor(['generate', 'submit']),
		description:
			'The model that makes the video. An expression may give the ID of another model that takes the same input.',
		hint: 'Every new request is paid for, and the model decides the price of a second',
	},
	{
		displayName: 'Specify Input',
		name: 'specifyInput',
		type: 'options',
		options: [
			{ name: 'Using Fields', value: 'fields' },
			{ name: 'Using JSON', value: 'json' },
		],
		default: 'fields',
		displayOptions: showFor(['generate', 'submit']),
		description: 'Whether to fill in a form or to give the whole input as JSON',
	},
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. A paper boat sails down a rainy street at dusk, slow tracking shot',
		displayOptions: asFields,
		description: 'What to show: scene, motion, camera style and atmosphere',
	},
	{
		displayName: 'Duration',
		name: 'duration',
		type: 'number',
		default: 5,
		displayOptions: asFields,
		description: `Length of the video in whole seconds, from ${DURATION.min} to ${DURATION.max}`,
		hint: 'RunComfy charges by the second of video',
	},
	{
		displayName: 'Aspect Ratio',
		name: 'aspect_ratio',
		type: 'options',
		options: [
			{ name: '16:9 (Landscape)', value: ASPECT_RATIOS[0] },
			{ name: '9:16 (Portrait)', value: ASPECT_RATIOS[1] },
			{ name: '1:1 (Square)', value: ASPECT_RATIOS[2] },
		],
		default: '16:9',
		displayOptions: asFields,
		description: 'Shape of the video',
	},
	{
		displayName: 'Sound',
		name: 'sound',
		type: 'boolean',
		default: true,
		displayOptions: asFields,
		description:
			'Whether to generate sound in sync with the video. With some models a second with sound costs more.',
	},
	...withShadow({
		displayName: 'Multi Prompt',
		name: 'multi_prompt',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true, multipleValueButtonText: 'Add Segment' },
		placeholder: 'Add Segment',
		default: {},
		displayOptions: asFields,
		description:
			'Segments that guide the scene changes, in order. Their durations must add up to Duration.',
		options: [
			{
				displayName: 'Segment',
				name: 'segment',
				values: [
					{
						displayName: 'Prompt',
						name: 'prompt',
						type: 'string',
						typeOptions: { rows: 2 },
						default: '',
						placeholder: 'e.g. Close-up of the boat turning in the gutter',
						description: 'What this segment shows',
					},
					{
						displayName: 'Duration',
						name: 'duration',
						type: 'number',
						default: 5,
						description: `Length of this segment in whole seconds, from ${DURATION.min} to ${DURATION.max}`,
					},
				],
			},
		],
	}),
	...withShadow({
		displayName: 'Additional Fields',
		name: 'additionalFields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
		displayOptions: asFields,
		options: [
			{
				displayName: 'CFG Scale',
				name: 'cfg_scale',
				type: 'number',
				default: 0.5,
				description: `How closely to follow the prompt, from ${CFG_SCALE.min} to ${CFG_SCALE.max}`,
			},
			{
				displayName: 'Negative Prompt',
				name: 'negative_prompt',
				type: 'string',
				typeOptions: { rows: 2 },
				default: '',
				placeholder: 'e.g. blur, text, watermark',
				description: 'What to keep out of the video',
			},
			{
				displayName: 'Shot Type',
				name: 'shot_type',
				type: 'options',
				options: [{ name: 'Customize', value: SHOT_TYPES[0] }],
				default: 'customize',
				description: 'How shots are decided. The model offers one way so far.',
			},
		],
	}),
	{
		displayName: 'Input (JSON)',
		name: 'inputJson',
		type: 'json',
		typeOptions: { rows: 8 },
		required: true,
		default: '{\n  "prompt": ""\n}',
		displayOptions: asJson,
		description: `The whole input, with the field names of the API: ${Object.keys(RULES).join(', ')}. It is checked like the form.`,
	},
];

/** The same as one flat list, without shadows, those under Additional Fields among the others. */
export const flatInputFields = inputFields
	.filter(({ type }) => type !== 'hidden')
	.flatMap((field) =>
		field.name === 'additionalFields' ? (field.options as INodeProperties[]) : [field],
	);
