import * as z from 'zod/v4-mini';
import { isBlank } from '../shared/parameters/blankText';
import { isDataUri, isHttpsUrl } from '../shared/media/fileSource';
import type { KlingModel } from './models';

// Compiled validators would need `new Function`, which hardened hosts forbid.
z.config({ jitless: true });

/** The facts of the input schemas that form and schemas share. */
export const DURATION = { min: 3, max: 15, text: 5, image: 10, segment: 5 } as const;
export const CFG_SCALE = { min: 0, max: 1, default: 0.5 } as const;
export const ASPECT_RATIOS = ['16:9', '9:16', '1:1'] as const;
const SHOT_TYPES = ['customize'] as const;
const STANDARD_SHOT_TYPES = ['intelligent', 'customize'] as const;
/** More of them than this cannot fit into the longest video. The API's own bound is 20. */
const MAX_SEGMENTS = Math.floor(DURATION.max / DURATION.min);

const text = z.string().check(z.refine((value) => !isBlank(value)));
const seconds = z.int().check(z.minimum(DURATION.min), z.maximum(DURATION.max));

/** An image as a user gives it: an https URL, a data URI, or a binary field of the item. */
const image = z.union([
	z.string().check(z.refine((value) => isHttpsUrl(value) || isDataUri(value))),
	z.strictObject({ binary: text }),
]);
export type ImageSource = z.infer<typeof image>;

/** The fields that all models share. */
const shared = {
	prompt: text,
	negative_prompt: z.optional(z.string()),
	cfg_scale: z._default(
		z.number().check(z.minimum(CFG_SCALE.min), z.maximum(CFG_SCALE.max)),
		CFG_SCALE.default,
	),
	multi_prompt: z.optional(
		z
			.array(z.strictObject({ prompt: text, duration: z._default(seconds, DURATION.segment) }))
			.check(z.maxLength(MAX_SEGMENTS)),
	),
};

const fromText = {
	...shared,
	duration: z._default(seconds, DURATION.text),
	aspect_ratio: z._default(z.enum(ASPECT_RATIOS), '16:9'),
	sound: z._default(z.boolean(), true),
};

const fromImage = {
	...shared,
	start_image_url: image,
	duration: z._default(seconds, DURATION.image),
	generate_audio: z._default(z.boolean(), true),
	shot_type: z._default(z.enum(SHOT_TYPES), 'customize'),
	elements: z.optional(z.array(z.unknown())),
};

const addsUp = z.refine<{ multi_prompt?: Array<{ duration: number }>; duration: number }>(
	({ multi_prompt: segments, duration }) =>
		segments?.length ? totalSeconds(segments) === duration : true,
	{ path: ['multi_prompt'], error: 'sum' },
);

/**
 * The inputs of the Kling 3.0 models: the schemas of their API pages, and four rules that these cannot
 * express or leave open: prompts are not empty, no unknown keys, the segments of `multi_prompt` last as
 * long as the video, and what an image may be.
 */
const INPUTS = {
	text: z
		.strictObject({ ...fromText, shot_type: z._default(z.enum(SHOT_TYPES), 'customize') })
		.check(addsUp),
	standardText: z
		.strictObject({
			...fromText,
			shot_type: z._default(z.enum(STANDARD_SHOT_TYPES), 'intelligent'),
		})
		.check(addsUp),
	image: z.strictObject({ ...fromImage, end_image_url: z.optional(image) }).check(addsUp),
	standardImage: z.strictObject(fromImage).check(addsUp),
};

/** The input that a model takes; the widest of its kind for a model that is not known here. */
export function inputOf({ source, tier }: Pick<KlingModel, 'source' | 'tier'>) {
	if (source === 'image') return tier === 'standard' ? INPUTS.standardImage : INPUTS.image;
	return tier === 'standard' || tier === undefined ? INPUTS.standardText : INPUTS.text;
}

/** What the API takes, images as a user gives them; all that is not required may be left out. */
export type KlingInput = z.input<typeof INPUTS.standardText> | z.input<typeof INPUTS.image>;
type KeysOf<Input> = Input extends unknown ? keyof Input : never;
export type KlingField = KeysOf<KlingInput>;

/** The fields that name images. */
export const IMAGE_FIELDS = ['start_image_url', 'end_image_url'] as const satisfies KlingField[];

const IMAGE =
	'an https URL that RunComfy can open without a login, a data URI, or a binary field of the item';

/** What a value must be, as the end of "… must be". */
const RULES: Record<KlingField, string> = {
	prompt: 'text',
	negative_prompt: 'text',
	start_image_url: IMAGE,
	end_image_url: IMAGE,
	duration: `a whole number from ${DURATION.min} to ${DURATION.max}`,
	aspect_ratio: `one of ${ASPECT_RATIOS.join(', ')}`,
	cfg_scale: `a number from ${CFG_SCALE.min} to ${CFG_SCALE.max}`,
	sound: 'true or false',
	generate_audio: 'true or false',
	multi_prompt: `a list of at most ${MAX_SEGMENTS} segments, each with a prompt and a duration`,
	shot_type: SHOT_TYPES.join(', '),
	elements: 'a list',
};

/** The fields of all models. */
export const KLING_FIELDS = Object.keys(RULES) as KlingField[];

/** What a field of a model must be, as the end of "… must be". */
export function ruleOf(field: KlingField, model: KlingModel): string {
	const isStandardsOwn = field === 'shot_type' && inputOf(model) === INPUTS.standardText;
	return isStandardsOwn ? `one of ${STANDARD_SHOT_TYPES.join(', ')}` : RULES[field];
}

/** The names of the fields that a model's input has. */
export function fieldsOf(model: Pick<KlingModel, 'source' | 'tier'>): KlingField[] {
	return Object.keys(inputOf(model).shape) as KlingField[];
}

function totalSeconds(segments: ReadonlyArray<{ duration: number }>): number {
	return segments.reduce((sum, { duration }) => sum + duration, 0);
}

/**
 * Completes an input that has segments and no duration of its own: the video lasts as long as they do
 * together. One that would be too long gets the longest duration, and is refused for its sum; a segment
 * that is wrong by itself is left to the check.
 *
 * @param value anything
 */
export function lastingAsItsSegments(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || 'duration' in value) return value;
	const { multi_prompt: segments } = value as { multi_prompt?: unknown };
	const parsed = z.array(z.looseObject({ duration: z._default(seconds, DURATION.segment) }));
	const { success, data = [] } = parsed.safeParse(segments);
	if (!success || data.length === 0) return value;
	return { ...value, duration: Math.min(totalSeconds(data), DURATION.max) };
}
