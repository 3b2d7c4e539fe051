import type { INodeProperties } from 'n8n-workflow';
import { priceField } from '../shared/editor/price';
import { specifyInputs } from '../shared/operations/loadedForm';
import { showFor } from '../shared/operations/operation';
import { withShadow } from '../shared/parameters/wholeValue';
import { BY_ID } from './models';
import { CFG_SCALE, DURATION, inputsOf, type Source } from './schemas';

const both = showFor(['generate', 'submit']);
const asFields = showFor(['generate', 'submit'], { specifyInputs: ['fields'] });
const from = (source: Source, also = {}) =>
	showFor(['generate', 'submit'], { specifyInputs: ['fields'], generateFrom: [source], ...also });
const jsonField = (source: Source): INodeProperties => ({
	displayName: 'Inputs (JSON)',
	name: 'inputsJson',
	type: 'json',
	typeOptions: { rows: 8 },
	required: true,
	default: '',
	displayOptions: showFor(['generate', 'submit'], {
		specifyInputs: ['json'],
		generateFrom: [source],
	}),
	hint: `Fields: ${inputsOf(source)
		.fields.map(({ name }) => name)
		.join(', ')}`,
});
const WITH_END_IMAGE = { model: ['pro', '4k', BY_ID] };
const RANGE = `${DURATION.minimum} to ${DURATION.maximum}`;

const IMAGE_URL = {
	type: 'string',
	default: '',
	placeholder: 'e.g. https://example.com/picture.jpg',
	description:
		'Public https link to a jpg, png, bmp or webp. RunComfy opens it, so it must work without a login.',
} as const;
const IMAGE_FIELD = {
	type: 'string',
	hint: 'The name of the input binary field containing the image (jpg, png, bmp or webp, up to 6 MB)',
} as const;
const BY_FIELD = {
	name: 'Binary Field',
	value: 'binary',
	description: 'An image file of the incoming item',
};
const BY_URL = { name: 'URL', value: 'url', description: 'A public link to an image' };

/**
 * What to generate. A parameter is named after its field of the model's input. n8n's linter wants defaults and
 * choices as literals; a test compares them with the schema. Numbers have no limits here, for n8n's
 * control (2.41.1) silently changes a typed number to fit them, and another video is billed.
 */
export const inputFields: INodeProperties[] = [
	{
		displayName: 'Model',
		name: 'model',
		type: 'options',
		options: [
			{ name: 'Kling 3.0 Standard', value: 'standard', description: 'Lowest price' },
			{
				name: 'Kling 3.0 Pro',
				value: 'pro',
				description: 'Better quality, at a third more than Standard',
			},
			{
				name: 'Kling 3.0 4K',
				value: '4k',
				description: 'Highest resolution, at 2.5 to 4 times the price of Pro',
			},
			{ name: 'By ID', value: 'byId', description: 'Another model that takes the same input' },
		],
		default: 'pro',
		displayOptions: both,
		description:
			'The model that generates the video. An expression may return standard, pro, 4k or the ID of a model.',
		hint: 'Usually takes 1 to 5 minutes',
	},
	{
		displayName: 'Model ID',
		name: 'modelId',
		type: 'string',
		default: '',
		placeholder: 'e.g. kling/kling-3.0/pro/text-to-video',
		displayOptions: showFor(['generate', 'submit'], { model: [BY_ID] }),
		description: "ID of a model that takes the fields below, from the model's page on RunComfy",
	},
	{
		displayName: 'Generate From',
		name: 'generateFrom',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Image', value: 'image', description: 'An image that the video starts with' },
			{ name: 'Text', value: 'text', description: 'The prompt alone' },
		],
		default: 'text',
		displayOptions: both,
		description: 'What the video is generated from, besides the prompt',
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
		displayName: 'Start Image',
		name: 'startImageSource',
		type: 'options',
		options: [BY_FIELD, BY_URL],
		default: 'url',
		displayOptions: from('image'),
		description: 'First frame of the video, which also sets its aspect ratio',
	},
	{
		displayName: 'Start Image URL',
		name: 'startImageUrl',
		...IMAGE_URL,
		displayOptions: from('image', { startImageSource: ['url'] }),
	},
	{
		displayName: 'Start Image Field Name',
		name: 'startImageField',
		...IMAGE_FIELD,
		default: 'data',
		displayOptions: from('image', { startImageSource: ['binary'] }),
	},
	{
		displayName: 'End Image',
		name: 'endImageSource',
		type: 'options',
		options: [BY_FIELD, { name: 'None', value: 'none' }, BY_URL],
		default: 'none',
		displayOptions: from('image', WITH_END_IMAGE),
		description: 'Last frame of the video',
	},
	{
		displayName: 'End Image URL',
		name: 'endImageUrl',
		...IMAGE_URL,
		displayOptions: from('image', { ...WITH_END_IMAGE, endImageSource: ['url'] }),
	},
	{
		displayName: 'End Image Field Name',
		name: 'endImageField',
		...IMAGE_FIELD,
		default: '',
		placeholder: 'e.g. end_image',
		displayOptions: from('image', { ...WITH_END_IMAGE, endImageSource: ['binary'] }),
	},
	{
		displayName: 'Duration (Seconds)',
		name: 'duration',
		type: 'number',
		default: 5,
		displayOptions: asFields,
		description:
			"Length of the video in whole seconds. With segments in 'Multi Prompt', the video is as long as all of them together.",
		hint: `${RANGE}. Not used with 'Multi Prompt'.`,
	},
	{
		displayName: 'Aspect Ratio',
		name: 'aspectRatio',
		type: 'options',
		options: [
			{ name: '16:9 (Landscape, YouTube)', value: '16:9' },
			{ name: '9:16 (Portrait, TikTok, Reels, Shorts)', value: '9:16' },
			{ name: '1:1 (Square, Feed)', value: '1:1' },
		],
		default: '16:9',
		displayOptions: from('text'),
		description: 'Shape of the video',
	},
	{
		displayName: 'Sound',
		name: 'sound',
		type: 'boolean',
		default: true,
		displayOptions: asFields,
		description:
			'Whether to generate sound in sync with the video. Some models cost more with sound.',
	},
	// The length and the sound too, for a new node has no price until something here changes.
	priceField(['model', 'modelId', 'generateFrom', 'duration', 'sound']),
	...withShadow({
		displayName: 'Multi Prompt',
		name: 'multiPrompt',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true, multipleValueButtonText: 'Add Segment' },
		placeholder: 'Add Segment',
		default: {},
		displayOptions: asFields,
		description:
			"Up to 5 scenes, in order, each with its own prompt. 'Prompt' still describes the video as a whole. The video is as long as the segments together, at most 15 seconds.",
		options: [
			{
				displayName: 'Segment',
				name: 'segment',
				values: [
					{
						displayName: 'Segment Prompt',
						name: 'prompt',
						type: 'string',
						typeOptions: { rows: 2 },
						default: '',
						placeholder: 'e.g. Close-up of the boat turning in the gutter',
						description: 'What this segment shows',
					},
					{
						displayName: 'Segment Duration (Seconds)',
						name: 'duration',
						type: 'number',
						default: 3,
						description: 'Length of this segment in whole seconds',
						hint: RANGE,
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
				name: 'cfgScale',
				type: 'number',
				default: 0.5,
				description: 'How closely to follow the prompt',
				hint: `${CFG_SCALE.minimum} to ${CFG_SCALE.maximum}`,
			},
			{
				displayName: 'Elements',
				name: 'elements',
				type: 'json',
				default: '[]',
				displayOptions: { show: { '/generateFrom': ['image'] } },
				description:
					'Subjects that keep their appearance throughout the video: a JSON list of objects, sent as it is',
			},
			{
				displayName: 'Negative Prompt',
				name: 'negativePrompt',
				type: 'string',
				typeOptions: { rows: 2 },
				default: '',
				placeholder: 'e.g. blur, text, watermark',
				description: 'What to keep out of the video',
			},
			{
				displayName: 'Shot Type',
				name: 'shotType',
				type: 'options',
				options: [
					{ name: 'Customize', value: 'customize' },
					{ name: 'Intelligent', value: 'intelligent' },
				],
				default: 'intelligent',
				displayOptions: { show: { '/generateFrom': ['text'], '/model': ['standard', BY_ID] } },
				description: 'Whether the model chooses the shots itself or follows the prompt',
			},
		],
	}),
	specifyInputs('Whether to fill in the fields or to enter the whole input as JSON'),
	{
		...jsonField('text'),
		default: '{\n  "prompt": "",\n  "duration": 5,\n  "aspect_ratio": "16:9",\n  "sound": true\n}',
		description: 'The whole input as the API takes it, checked like the fields',
	},
	{
		...jsonField('image'),
		default:
			'{\n  "prompt": "",\n  "start_image_url": { "binary": "data" },\n  "duration": 5,\n  "generate_audio": true\n}',
		description:
			'The whole input as the API takes it, checked like the fields. An image is a URL, a data URI, or { "binary": "data" } for a binary field of the item.',
	},
];
