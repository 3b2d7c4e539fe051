import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';
import { modelId } from '../../nodes/KlingVideo/models';
import { SOURCES, TIERS } from '../../nodes/KlingVideo/schemas';
import { klingInputJudge, pageOf } from '../fixtures/klingInputSchema';
import { createWorld, videosOf, type World } from './world';

const MODELS = SOURCES.flatMap((source) =>
	TIERS.map((tier) => ({ id: modelId(tier, source), source, tier })),
);
type KlingModel = (typeof MODELS)[number];
const ALL_FIELDS = MODELS.flatMap(({ id }) => Object.keys(pageOf(id).properties));
const UNKNOWN = ['camera_fixed', 'image'];

const text = fc.string({ minLength: 1, unit: 'grapheme' }).map((value) => `x${value}`);
const seconds = fc.integer({ min: 3, max: 15 });
const url = fc.constantFrom('https://example.com/a.png', 'https://example.com/b?c=d%20e');
/** Every field of any model, as it may be. */
const values: Record<string, fc.Arbitrary<unknown>> = {
	prompt: text,
	negative_prompt: fc.string(),
	start_image_url: url,
	end_image_url: url,
	duration: seconds,
	aspect_ratio: fc.constantFrom('16:9', '9:16', '1:1'),
	cfg_scale: fc.double({ min: 0, max: 1, noNaN: true }),
	sound: fc.boolean(),
	generate_audio: fc.boolean(),
	shot_type: fc.constant('customize'),
	elements: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }),
};
const segmentsOf = fc.array(fc.record({ prompt: text, duration: seconds }), { maxLength: 5 });

const validFor = ({ id }: KlingModel): fc.Arbitrary<Record<string, unknown>> => {
	const { required, properties } = pageOf(id);
	const { multi_prompt: _, ...fields } = properties;
	const model = Object.fromEntries(Object.keys(fields).map((name) => [name, values[name]]));
	return fc.record<Record<string, unknown>>(model, { requiredKeys: required }).chain((input) =>
		fc.oneof(
			fc.constant(input),
			segmentsOf.map((segments) => ({
				...input,
				multi_prompt: segments,
				...(segments.length > 0 && {
					duration: segments.reduce((sum, { duration }) => sum + duration, 0),
				}),
			})),
		),
	);
};

/** Values that lie near the borders of the rules, and values of every other kind. */
const anything = fc.oneof(
	fc.jsonValue({ maxDepth: 2 }),
	fc.integer({ min: -2, max: 20 }),
	fc.double({ min: -0.5, max: 1.5, noNaN: true }),
	fc.constantFrom(
		'',
		' ',
		'\u200b\u2060',
		'5',
		' 7 ',
		'0.5',
		'5s',
		'1e1',
		'0x5',
		'true',
		'16:9',
		'16:09',
		'customize',
		'intelligent',
		'https://',
		'http://example.com/a.png',
		'https://example.com/a.png',
		'https://example.com/b?c=d e',
		'https://olga:secret@example.com/a.png',
		null,
		true,
		[],
		{},
	),
	fc.array(
		fc.record(
			{ prompt: fc.oneof(text, fc.constant('')), duration: fc.integer({ min: 2, max: 16 }) },
			{ requiredKeys: [] },
		),
		{ maxLength: 22 },
	),
);
const spoiltFor = (model: KlingModel) =>
	fc
		.tuple(validFor(model), fc.constantFrom(...ALL_FIELDS, ...UNKNOWN), anything)
		.map(([input, field, value]): Record<string, unknown> => ({ ...input, [field]: value }));
const anyInputFor = (model: KlingModel) => fc.oneof(validFor(model), spoiltFor(model), anything);

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());

/** Runs all inputs as items of one execution, and compares each with the judge's verdict. */
async function judged(
	model: KlingModel,
	inputs: unknown[],
	parameters: INodeParameters,
	seen: unknown[],
): Promise<void> {
	world.emulator.requests.clear();
	const paidBefore = world.emulator.paidPosts;
	const run = await world.run(
		inputs.map((input) => ({ json: { input } as never })),
		{
			...parameters,
			model: model.tier,
			generateFrom: model.source,
			downloadMedia: false,
		},
		{ onError: 'continueRegularOutput' },
	);
	const items = videosOf(run);
	const refused = items.map(({ json }) => (json.details as { reason?: string })?.reason);
	const good = seen.map((input) => klingInputJudge(input, model.id) === undefined);
	expect(items).toHaveLength(inputs.length);
	expect(refused).toEqual(good.map((isGood) => (isGood ? undefined : 'invalidInput')));
	const sent = [...world.emulator.requests.values()].map(({ input }) => input);
	expect(sent).toEqual(JSON.parse(JSON.stringify(seen.filter((_, index) => good[index]))));
	expect(world.emulator.paidPosts - paidBefore).toBe(sent.length);
	items.forEach(({ json }, index) => {
		if (!good[index] && !namesAField(String(json.error))) {
			throw new Error(`names no field: ${String(json.error)}`);
		}
	});
}

function namesAField(message: string): boolean {
	const labels = [...ALL_FIELDS, 'start image', 'end image'];
	const names = [
		...labels,
		...labels.map((field) => field.replace(/_/g, ' ')),
		'Inputs (JSON)',
		'Sound',
	];
	const named = names.some((name) => message.toLowerCase().startsWith(name.toLowerCase()));
	return named || / is not an input of this model/.test(message);
}

const ADDITIONAL = ['negative_prompt', 'cfg_scale', 'shot_type'];

/** The node's parameter for an input. */
function parameterOf(name: string): string {
	if (name === 'generate_audio') return 'sound';
	return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Fields of the form that take their values from the item. */
function fromItem(names: string[]): INodeParameters {
	return Object.fromEntries(names.map((name) => [parameterOf(name), `={{ $json.input.${name} }}`]));
}

function twoSegments(...durations: number[]): object[] {
	return durations.map((duration) => ({ prompt: 'a scene', duration }));
}

/** What the form means by values: text for a number, a switch or a choice, and nothing for a text that is empty. */
function asTyped(fields: Record<string, unknown>): Record<string, unknown> {
	const typed = Object.entries(fields).map(([name, value]): [string, unknown] => {
		if (value === '' || value === undefined) return [name, null];
		if (['duration', 'cfg_scale'].includes(name)) {
			const isNumber = typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value);
			return [name, isNumber ? parseFloat(value) : value];
		}
		if (['sound', 'generate_audio'].includes(name)) {
			const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
			const isSwitch = ['true', 'false'].includes(word);
			return [name, isSwitch ? word === 'true' : value];
		}
		if (['prompt', 'negative_prompt'].includes(name) && typeof value === 'number') {
			return [name, String(value)];
		}
		return [name, value];
	});
	return Object.fromEntries(
		typed.filter(([name, value]) => name !== 'negative_prompt' || value !== null),
	);
}

/** An input without an image that is named by a blank, which is none where the model takes one. */
function withoutBlankFile(input: unknown, model: KlingModel): unknown {
	if (!('end_image_url' in pageOf(model.id).properties)) return input;
	const { end_image_url: end, ...rest } = (input ?? {}) as Record<string, unknown>;
	return typeof end === 'string' && /^[\s\p{Cc}\p{Cf}]*$/u.test(end) ? rest : input;
}

/** What is sent for an input that has segments and names no duration: their sum. */
function lasting(input: unknown): unknown {
	const { duration, multi_prompt: segments } = (input ?? {}) as Record<string, unknown>;
	if (duration !== undefined || !Array.isArray(segments) || segments.length === 0) return input;
	const seconds = segments.map((part) => ((part ?? {}) as { duration?: number }).duration ?? 5);
	if (!seconds.every((one) => typeof one === 'number')) return input;
	return { ...(input as object), duration: seconds.reduce((sum, one) => sum + one, 0) };
}

describe.each(MODELS)(
	'any value at all is either sent to $id as it is or refused by the name of its field',
	(model) => {
		const fields = Object.keys(pageOf(model.id).properties);
		const anyInput = anyInputFor(model);

		it('as JSON', async () => {
			await fc.assert(
				fc.asyncProperty(fc.array(anyInput, { minLength: 50, maxLength: 50 }), async (inputs) => {
					await judged(
						model,
						inputs,
						{ specifyInputs: 'json', inputsJson: '={{ JSON.stringify($json.input) }}' },
						inputs.map((input) => lasting(withoutBlankFile(input, model))),
					);
				}),
				{ numRuns: 4, endOnFailure: true },
			);
		}, 60_000);

		it('in the form, where a value that is missing is refused', async () => {
			const segment = fc.record({ prompt: anything, duration: anything }, { requiredKeys: [] });
			const whole: Record<string, unknown> = {
				aspect_ratio: '16:9',
				cfg_scale: 0.5,
				duration: 5,
				sound: false,
				generate_audio: false,
				shot_type: 'customize',
				start_image_url: 'https://example.com/a.png',
				end_image_url: 'https://example.com/b.png',
			};
			// Elements are JSON inside the form, and a Shot Type of one value is not shown.
			const shown = fields.filter(
				(name) =>
					name !== 'elements' &&
					(name !== 'shot_type' || model.id.endsWith('standard/text-to-video')),
			);
			const inForm = (input: Record<string, unknown>) =>
				Object.fromEntries(Object.entries(input).filter(([name]) => shown.includes(name)));
			const filled = fc
				.oneof(
					validFor(model).map((input) => inForm({ ...whole, ...input })),
					spoiltFor(model).map((input) => inForm({ ...whole, ...input })),
					spoiltFor(model).map(inForm),
				)
				.chain((input) =>
					fc.oneof(
						fc.constant({ ...input, multi_prompt: twoSegments(4, 5), duration: 9 }),
						fc.tuple(segment, segment).map((segments) => ({ ...input, multi_prompt: segments })),
					),
				);
			await fc.assert(
				fc.asyncProperty(fc.array(filled, { minLength: 50, maxLength: 50 }), async (inputs) => {
					const missing = Object.fromEntries(shown.map((name) => [name, undefined]));
					const set = inputs.map((input) => {
						const segments = (input.multi_prompt as object[]).map((fields) =>
							asTyped({ prompt: undefined, duration: undefined, ...fields }),
						);
						const typed = asTyped({ ...missing, ...input });
						return lasting({ ...typed, duration: undefined, multi_prompt: segments });
					});
					const nth = (index: number) => ({
						prompt: `={{ $json.input.multi_prompt[${index}].prompt }}`,
						duration: `={{ $json.input.multi_prompt[${index}].duration }}`,
					});
					await judged(
						model,
						inputs,
						{
							...fromItem(shown.filter((name) => !ADDITIONAL.includes(name))),
							...(model.source === 'image' && { startImageSource: 'url', endImageSource: 'url' }),
							multiPrompt: { segment: [nth(0), nth(1)] },
							additionalFields: fromItem(shown.filter((name) => ADDITIONAL.includes(name))),
						},
						set,
					);
				}),
				{ numRuns: 4, endOnFailure: true },
			);
		}, 60_000);
	},
);
