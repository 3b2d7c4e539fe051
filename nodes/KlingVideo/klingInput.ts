import * as z from 'zod/v4-mini';

// Compiled validators would need `new Function`, which hardened hosts forbid.
z.config({ jitless: true });

/** The text-to-video models that share this input (RunComfy's public model pages, autumn 2026). */
export const MODELS = {
	pro: 'kling/kling-3.0/pro/text-to-video',
	standard: 'kling/kling-3.0/standard/text-to-video',
	fourK: 'kling/kling-3.0/4k/text-to-video',
} as const;

/** The facts of the input schema on the model's API page that form and schema share. */
export const DURATION = { min: 3, max: 15, default: 5 } as const;
export const CFG_SCALE = { min: 0, max: 1, default: 0.5 } as const;
export const ASPECT_RATIOS = ['16:9', '9:16', '1:1'] as const;
export const SHOT_TYPES = ['customize'] as const;
const MAX_SEGMENTS = 20;

/** White space, and characters that show nothing: control, format, fillers, the empty braille cell. */
const SHOWS_NOTHING = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** True for text in which there is nothing to see. */
export function isBlank(text: string): boolean {
	return SHOWS_NOTHING.test(text);
}

const text = z.string().check(z.refine((value) => !isBlank(value)));
const seconds = z.int().check(z.minimum(DURATION.min), z.maximum(DURATION.max));

/**
 * The input of the Kling 3.0 text-to-video models: the schema of the model's API page, and three
 * rules that it cannot express or leaves open: prompts are not empty, no unknown keys, and the
 * segments of `multi_prompt` last as long as the video.
 */
export const klingInput = z
	.strictObject({
		prompt: text,
		negative_prompt: z.optional(z.string()),
		duration: z._default(seconds, DURATION.default),
		aspect_ratio: z._default(z.enum(ASPECT_RATIOS), '16:9'),
		cfg_scale: z._default(
			z.number().check(z.minimum(CFG_SCALE.min), z.maximum(CFG_SCALE.max)),
			CFG_SCALE.default,
		),
		sound: z._default(z.boolean(), true),
		multi_prompt: z.optional(
			z
				.array(z.strictObject({ prompt: text, duration: z._default(seconds, DURATION.default) }))
				.check(z.maxLength(MAX_SEGMENTS)),
		),
		shot_type: z._default(z.enum(SHOT_TYPES), 'customize'),
	})
	.check(
		z.refine(
			({ multi_prompt: segments, duration }) =>
				segments?.length ? totalSeconds(segments) === duration : true,
			{ path: ['multi_prompt'], error: 'sum' },
		),
	);

/** What the API takes: every field but `prompt` may be left out. */
export type KlingInput = z.input<typeof klingInput>;
export type KlingField = keyof KlingInput;

/** What a value must be, as the end of "… must be". */
export const RULES: Record<KlingField, string> = {
	prompt: 'text',
	negative_prompt: 'text',
	duration: `a whole number of seconds from ${DURATION.min} to ${DURATION.max}`,
	aspect_ratio: `one of ${ASPECT_RATIOS.join(', ')}`,
	cfg_scale: `a number from ${CFG_SCALE.min} to ${CFG_SCALE.max}`,
	sound: 'true or false',
	multi_prompt: `a list of at most ${MAX_SEGMENTS} segments, each with a prompt and a duration`,
	shot_type: SHOT_TYPES.join(', '),
};

function totalSeconds(segments: ReadonlyArray<{ duration: number }>): number {
	return segments.reduce((sum, { duration }) => sum + duration, 0);
}
