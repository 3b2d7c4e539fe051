import { readModelInputs, type ModelInputs } from '../shared/inputs/modelInputs';

/** What a video is generated from, which decides the inputs of the model. */
export const SOURCES = ['text', 'image'] as const;
export type Source = (typeof SOURCES)[number];

/** The tiers of Kling 3.0, by their names in the model IDs, the lowest price first. */
export const TIERS = ['standard', 'pro', '4k'] as const;
export type Tier = (typeof TIERS)[number];

/** The least and the most seconds that a video or a segment lasts. */
export const DURATION = { minimum: 3, maximum: 15 };
/** The length of a segment that names none. */
export const SEGMENT_SECONDS = 5;
export const CFG_SCALE = { minimum: 0, maximum: 1 };
const ASPECT_RATIOS = ['16:9', '9:16', '1:1'];
/** More of them than this cannot fit into the longest video. The API's own bound is 20. */
const MOST_SEGMENTS = Math.floor(DURATION.maximum / DURATION.minimum);

const prompts = {
	prompt: { type: 'string' },
	negative_prompt: { type: 'string' },
	multi_prompt: {
		type: 'array',
		maxItems: MOST_SEGMENTS,
		items: {
			type: 'object',
			required: ['prompt'],
			additionalProperties: false,
			properties: {
				prompt: { type: 'string' },
				duration: { type: 'integer', ...DURATION, default: SEGMENT_SECONDS },
			},
		},
	},
	cfg_scale: { type: 'float', ...CFG_SCALE, default: 0.5 },
};
const image = {
	type: 'string',
	format: 'image_uri',
	formats: ['jpg', 'png', 'bmp', 'webp'],
};
const duration = { type: 'integer', title: 'Duration (Seconds)', ...DURATION };
const customize = { type: 'string', enum: ['customize'], default: 'customize' };

/**
 * The schemas of Kling 3.0's inputs as its API pages have them (autumn 2026), without the samples. A title
 * is what the form calls an input whose own name says something else.
 */
const fromText = {
	required: ['prompt'],
	properties: {
		...prompts,
		duration: { ...duration, default: 5 },
		aspect_ratio: { type: 'string', enum: ASPECT_RATIOS, default: '16:9' },
		sound: { type: 'boolean', default: true },
		shot_type: customize,
	},
};
const fromTextByStandard = {
	...fromText,
	properties: {
		...fromText.properties,
		shot_type: { type: 'string', enum: ['intelligent', 'customize'], default: 'intelligent' },
	},
};
const fromImageByStandard = {
	required: ['prompt', 'start_image_url'],
	properties: {
		...prompts,
		start_image_url: image,
		duration: { ...duration, default: 10 },
		generate_audio: { type: 'boolean', title: 'Sound', default: true },
		shot_type: customize,
		elements: { type: 'array' },
	},
};
const fromImage = {
	...fromImageByStandard,
	properties: { ...fromImageByStandard.properties, end_image_url: image },
};

const INPUTS = {
	text: readModelInputs(fromText),
	textByStandard: readModelInputs(fromTextByStandard),
	image: readModelInputs(fromImage),
	imageByStandard: readModelInputs(fromImageByStandard),
};

/** What a model takes; one that is not known here may take all that any tier does. */
export function inputsOf(source: Source, tier?: Tier): ModelInputs {
	if (source === 'image') return tier === 'standard' ? INPUTS.imageByStandard : INPUTS.image;
	return tier === 'standard' || tier === undefined ? INPUTS.textByStandard : INPUTS.text;
}
