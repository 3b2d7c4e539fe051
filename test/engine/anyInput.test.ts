import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';
import { checkKlingInput } from '../../nodes/KlingVideo/checkKlingInput';
import { modelId, type KlingModel, type Source } from '../../nodes/KlingVideo/models';
import { klingInputJudge, pageOf } from '../fixtures/klingInputSchema';
import { createWorld, videosOf, type World } from './world';

const FIELDS = Object.keys(apiPage.properties);
const UNKNOWN = ['camera_fixed', 'image'];

const text = fc.string({ minLength: 1, unit: 'grapheme' }).map((value) => `x${value}`);
const seconds = fc.integer({ min: 3, max: 15 });
const valid = fc
	.record(
		{
			prompt: text,
			negative_prompt: fc.string(),
			duration: seconds,
			aspect_ratio: fc.constantFrom('16:9', '9:16', '1:1'),
			cfg_scale: fc.double({ min: 0, max: 1, noNaN: true }),
			sound: fc.boolean(),
			shot_type: fc.constant('customize'),
		},
		{ requiredKeys: ['prompt'] },
	)
	.chain((input) =>
		fc.oneof(
			fc.constant<object>(input),
			fc
				.array(fc.record({ prompt: text, duration: seconds }), { maxLength: 5 })
				.map((segments) => ({
					...input,
					multi_prompt: segments,
					...(segments.length > 0 && {
						duration: segments.reduce((sum, { duration }) => sum + duration, 0),
					}),
				})),
		),
	);

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
const spoilt = fc
	.tuple(valid, fc.constantFrom(...FIELDS, ...UNKNOWN), anything)
	.map(([input, field, value]) => ({ ...input, [field]: value }));
const anyInput = fc.oneof(valid, spoilt, anything);

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());

/** Runs all inputs as items of one execution, and compares each with the judge's verdict. */
async function judged(
	inputs: unknown[],
	parameters: INodeParameters,
	seen: unknown[],
): Promise<void> {
	world.emulator.requests.clear();
	const paidBefore = world.emulator.paidPosts;
	const run = await world.run(
		inputs.map((input) => ({ json: { input } as never })),
		{ ...parameters, model: MODELS.pro, options: { downloadMedia: false } },
		{ onError: 'continueRegularOutput' },
	);
	const items = videosOf(run);
	const refused = items.map(({ json }) => (json.details as { reason?: string })?.reason);
	const good = seen.map((input) => klingInputJudge(input) === undefined);
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
	const names = [...FIELDS, ...FIELDS.map((field) => field.replace(/_/g, ' ')), 'Input (JSON)'];
	const named = names.some((name) => message.toLowerCase().startsWith(name.toLowerCase()));
	return named || / is not a field of this model/.test(message);
}

function twoSegments(...durations: number[]): object[] {
	return durations.map((duration) => ({ prompt: 'a scene', duration }));
}

/** What the form means by values: text for a number, nothing for a negative prompt that is left out. */
function asTyped(fields: Record<string, unknown>): Record<string, unknown> {
	const typed = Object.entries(fields).map(([name, value]) => {
		const isNumber = ['duration', 'cfg_scale'].includes(name) && /^\s*-?\d+(\.\d+)?\s*$/;
		const isText = typeof value === 'string' && isNumber && isNumber.test(value);
		return [name, value === '' || value === undefined ? null : isText ? parseFloat(value) : value];
	});
	return Object.fromEntries(
		typed.filter(([name, value]) => name !== 'negative_prompt' || value !== null),
	) as Record<string, unknown>;
}

describe('any value at all is either sent as it is or refused by the name of its field', () => {
	it('as JSON', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(anyInput, { minLength: 50, maxLength: 50 }), async (inputs) => {
				await judged(
					inputs,
					{ specifyInput: 'json', inputJson: '={{ JSON.stringify($json.input) }}' },
					inputs,
				);
			}),
			{ numRuns: 8, endOnFailure: true },
		);
	}, 60_000);

	it('in the form, where a value that is missing is refused', async () => {
		const segment = fc.record({ prompt: anything, duration: anything }, { requiredKeys: [] });
		const whole = {
			aspect_ratio: '16:9',
			cfg_scale: 0.5,
			duration: 5,
			sound: false,
			shot_type: 'customize',
		};
		const filled = fc
			.oneof(
				valid.map((input) => ({ ...whole, ...input })),
				spoilt.map((input) => ({ ...whole, ...input })),
				spoilt,
			)
			.chain((input) =>
				fc.oneof(
					fc.constant({ ...input, multi_prompt: twoSegments(4, 5), duration: 9 }),
					fc.tuple(segment, segment).map((segments) => ({ ...input, multi_prompt: segments })),
				),
			)
			.filter((input) => UNKNOWN.every((name) => !(name in input)));
		await fc.assert(
			fc.asyncProperty(fc.array(filled, { minLength: 50, maxLength: 50 }), async (inputs) => {
				const missing = Object.fromEntries(FIELDS.map((name) => [name, undefined]));
				const set = inputs.map((input) => ({
					...asTyped({ ...missing, ...input }),
					multi_prompt: (input.multi_prompt as object[]).map((fields) =>
						asTyped({ prompt: undefined, duration: undefined, ...fields }),
					),
				}));
				const nth = (index: number) => ({
					prompt: `={{ $json.input.multi_prompt[${index}].prompt }}`,
					duration: `={{ $json.input.multi_prompt[${index}].duration }}`,
				});
				await judged(
					inputs,
					{
						prompt: '={{ $json.input.prompt }}',
						duration: '={{ $json.input.duration }}',
						aspect_ratio: '={{ $json.input.aspect_ratio }}',
						sound: '={{ $json.input.sound }}',
						multi_prompt: { segment: [nth(0), nth(1)] },
						additionalFields: {
							negative_prompt: '={{ $json.input.negative_prompt }}',
							cfg_scale: '={{ $json.input.cfg_scale }}',
							shot_type: '={{ $json.input.shot_type }}',
						},
					},
					set,
				);
			}),
			{ numRuns: 8, endOnFailure: true },
		);
	}, 60_000);

	it('the check and the judge agree on ten thousand more', () => {
		fc.assert(
			fc.property(anyInput, (input) => {
				expect(checkKlingInput(input).length === 0).toBe(klingInputJudge(input) === undefined);
			}),
			{ numRuns: 10_000 },
		);
	});
});
