import type { INodeProperties } from 'n8n-workflow';
import { showFor } from '../shared/form/showFor';
import { withShadow } from '../shared/form/wholeValue';
import { ASPECT_RATIOS, CFG_SCALE, DURATION, fieldsOf } from './klingInput';
import { BY_ID, SOURCES, TIERS, type Source } from './models';

const [TEXT, IMAGE] = SOURCES;
const [PRO, STANDARD, FOUR_K] = TIERS;

const both = showFor(['generate', 'submit']);
const asFields = showFor(['generate', 'submit'], { specifyInput: ['fields'] });
const asJson = (source: Source) =>
	showFor(['generate', 'submit'], { specifyInput: ['json'], generateFrom: [source] });
const from = (source: Source, also = {}) =>
	showFor(['generate', 'submit'], { specifyInput: ['fields'], generateFrom: [source], ...also });
const WITH_END_IMAGE = { model: [PRO, FOUR_K, BY_ID] };

/** The three fields of an image: which way it comes, its URL, its binary field. */
function imageFields(
	name: 'start' | 'end',
	also: object,
	choice: Partial<INodeProperties>,
	field: Partial<INodeProperties> = {},
): INodeProperties[] {
	const label = name === 'start' ? 'Start Image' : 'End Image';
	const shown = (way: string) => from(IMAGE, { ...also, [`${name}ImageSource`]: [way] });
	return [
		{
			displayName: label,
			name: `${name}ImageSource`,
			type: 'options',
			options: [
				{ name: 'Binary Field', value: 'binary', description: 'A picture that the item carries' },
				...(name === 'end' ? [{ name: 'None', value: 'none' }] : []),
				{ name: 'URL', value: 'url', description: 'A picture on the web' },
			],
			default: 'url',
			displayOptions: from(IMAGE, also),
			...choice,
		},
		{
			displayName: `${label} URL`,
			name: `${name}_image_url`,
			type: 'string',
			default: '',
			placeholder: 'e.g. https://example.com/picture.jpg',
			displayOptions: shown('url'),
			description:
				'Address of a jpg, png, bmp or webp, with https, that RunComfy can open without a login. It is not opened by n8n.',
		},
		{
			displayName: `${label} Binary Field`,
			name: `${name}ImageField`,
			type: 'string',
			default: 'data',
			displayOptions: shown('binary'),
			hint: 'jpg, png, bmp or webp, at most 6 MiB',
			description: 'Name of the binary field of the item that holds the picture',
			...field,
		},
	];
}

function durationField(source: Source, preset: number): INodeProperties {
	return {
		displayName: 'Duration',
		name: 'duration',
		type: 'number',
		default: preset,
		displayOptions: from(source),
		description: `Length of the video in whole seconds, from ${DURATION.min} to ${DURATION.max}`,
		hint: 'RunComfy charges by the second of video',
	};
}

function soundField(source: Source, name: string): INodeProperties {
	return {
		displayName: 'Sound',
		name,
		type: 'boolean',
		default: true,
		displayOptions: from(source),
		description:
			'Whether to generate sound in sync with the video. With some models a second with sound costs more.',
	};
}

function jsonField(source: Source, preset: string): INodeProperties {
	const names = fieldsOf({ source, tier: undefined }).join(', ');
	const ways =
		source === 'image'
			? 'An image is a URL, a data URI, or { "binary": "data" } for a binary field of the item. '
			: '';
	return {
		displayName: 'Input (JSON)',
		name: 'inputJson',
		type: 'json',
		typeOptions: { rows: 8 },
		required: true,
		default: preset,
		displayOptions: asJson(source),
		description: `The whole input, with the field names of the API: ${names}. ${ways}It is checked like the form.`,
	};
}

/**
 * What to generate. The fields of the model's input carry the schema's own names. n8n's linter wants
 * defaults and choices as literals; a test holds them against the schema. Numbers have no limits here, for n8n's
 * control (2.41.1) changes a typed number to fit them without a word, and another video is paid for.
 */
export const inputFields: INodeProperties[] = [
	{
		displayName: 'Model',
		name: 'model',
		type: 'options',
		options: [
			{ name: 'Kling 3.0 Pro', value: 'pro', description: 'Higher quality' },
			{ name: 'Kling 3.0 Standard', value: 'standard', description: 'The least expensive' },
			{
				name: 'Kling 3.0 4K',
				value: '4k',
				description: 'The highest resolution, and the most expensive',
			},
			{ name: 'By ID', value: 'byId', description: 'Another model that takes the same input' },
		],
		default: 'pro',
		displayOptions: both,
		description:
			'The model that makes the video. An expression may give pro, standard, 4k, or the ID of a model.',
		hint: 'Every new request is paid for, and the model decides the price of a second',
	},
	{
		displayName: 'Model ID',
		name: 'modelId',
		type: 'string',
		default: '',
		placeholder: 'e.g. kling/kling-3.0/pro/text-to-video',
		displayOptions: showFor(['generate', 'submit'], { model: [BY_ID] }),
		description: 'ID of a model that takes the fields below, from its page at RunComfy',
	},
	{
		displayName: 'Generate From',
		name: 'generateFrom',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Image', value: 'image', description: 'A picture that the video starts with' },
			{ name: 'Text', value: 'text', description: 'A prompt alone' },
		],
		default: 'text',
		displayOptions: both,
		description: 'What the video is generated from, besides the prompt',
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
		displayOptions: both,
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
	...imageFields(
		'start',
		{},
		{ description: 'The first picture of the video, which gives it its shape' },
	),
	...imageFields(
		'end',
		WITH_END_IMAGE,
		{ default: 'none', description: 'The last picture of the video' },
		{ default: '', placeholder: 'e.g. end_image' },
	),
	durationField(TEXT, DURATION.text),
	durationField(IMAGE, DURATION.image),
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
		displayOptions: from(TEXT),
		description: 'Shape of the video',
	},
	soundField(TEXT, 'sound'),
	soundField(IMAGE, 'generate_audio'),
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
				displayName: 'Elements',
				name: 'elements',
				type: 'json',
				default: '[]',
				displayOptions: { show: { '/generateFrom': [IMAGE] } },
				description:
					'Things that keep their looks through the video: a list of objects, sent to RunComfy as it is',
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
				options: [
					{ name: 'Customize', value: 'customize' },
					{ name: 'Intelligent', value: 'intelligent' },
				],
				default: 'intelligent',
				displayOptions: { show: { '/generateFrom': [TEXT], '/model': [STANDARD, BY_ID] } },
				description: 'Whether the model decides on the shots by itself, or keeps to the prompt',
			},
		],
	}),
	jsonField(TEXT, '{\n  "prompt": ""\n}'),
	jsonField(IMAGE, '{\n  "prompt": "",\n  "start_image_url": { "binary": "data" }\n}'),
];

/** The same as one flat list, without shadows, those under Additional Fields among the others. */
export const flatInputFields = inputFields
	.filter(({ type }) => type !== 'hidden')
	.flatMap((field) =>
		field.name === 'additionalFields' ? (field.options as INodeProperties[]) : [field],
	);
