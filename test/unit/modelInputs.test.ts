import fc from 'fast-check';
import { formFields } from '../../nodes/RunComfy/editor/formFields';
import { checkInput } from '../../nodes/shared/inputs/checkInput';
import { readModelInputs } from '../../nodes/shared/inputs/modelInputs';

/** The schema of one input, beside a prompt. */
function only(schema: unknown, required: string[] = []) {
	return readModelInputs({ type: 'object', required, properties: { value: schema } });
}

/** What is wrong with a value of it. */
function faultOf(schema: unknown, value: unknown): string | undefined {
	return checkInput({ value }, only(schema).schema)[0]?.says;
}

describe('a value of the wrong kind is refused, by the rules of the schema', () => {
	it.each([
		[{ type: 'float', minimum: 0, maximum: 1 }, 2, 'must be a number from 0 to 1, but is 2'],
		[{ type: 'integer', minimum: 3 }, 2.5, 'must be a whole number of at least 3, but is 2.5'],
		[{ type: 'integer', enum: [24, 25] }, 30, 'must be one of 24, 25, but is 30'],
		[{ enum: ['a', 'b'] }, 'c', 'must be one of a, b, but is the text "c"'],
		[{ type: 'string' }, 5, 'must be text, but is 5'],
		[{ type: 'string', maxLength: 3 }, 'four', 'must be text of at most 3 characters, but has 4'],
		[{ type: 'boolean' }, 'true', 'must be true or false, but is the text "true"'],
		[
			{ type: 'array', minItems: 1, maxItems: 2 },
			[],
			'must be a list of 1 to 2 entries, but is a list of 0',
		],
		[{ type: 'object' }, [], 'must be an object, but is a list of 0'],
		[{ type: ['integer', 'null'] }, 'x', 'must be a whole number, but is the text "x"'],
		[{ type: ['integer', 'string'] }, [], 'must be a whole number or text, but is a list of 0'],
		[{ type: 'object', properties: { path: {} }, required: ['path'] }, {}, 'is required'],
		[{ type: 'array', items: { type: 'string' } }, ['a', 1], 'must be text, but is 1'],
		[{ type: 'string' }, null, 'has no value: set it to text, or give its expression a fallback'],
	])('%j: %j', (schema, value, says) => expect(faultOf(schema, value)).toBe(says));
});

describe('what a schema leaves open, contradicts or says in a way of its own is passed on', () => {
	it.each([
		['no schema at all', undefined, 'x'],
		['a schema that is a list', [], 'x'],
		['an unknown type', { type: 'image_file' }, 5],
		['a choice of schemas', { oneOf: [{ type: 'string' }, { type: 'integer' }] }, []],
		['a reference', { $ref: '#/$defs/Size' }, 5],
		['a range of nothing', { type: 'integer', minimum: 9, maximum: 3 }, 5],
		['limits that are no numbers', { type: 'integer', minimum: '3', exclusiveMaximum: true }, 1],
		['a pattern', { type: 'string', pattern: '^a' }, 'x'],
		['a step', { type: 'integer', multipleOf: 8 }, 12],
		['a bound that excludes', { type: 'integer', exclusiveMinimum: 3 }, 3],
		['a constant', { const: 'a' }, 'x'],
		['a schema or null', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'x'],
		['a list of no choices', { type: 'string', enum: [] }, 'x'],
		['choices of another type', { type: 'integer', enum: ['5', '10'] }, 7],
		['items that are missing', { type: 'array' }, [1, 'a', {}]],
		[
			'items that are a map of names',
			{ type: 'array', items: { prompt: { type: 'string' } } },
			[1],
		],
		['items that are a list', { type: 'array', items: [{ type: 'string' }] }, [1]],
		['an unknown format', { type: 'string', format: 'str' }, 'x'],
		['null, where the default is null', { type: 'integer', default: null }, null],
		['a choice that may be null', { enum: ['a'], default: null }, null],
	])('%s', (_, schema, value) => expect(faultOf(schema, value)).toBeUndefined());

	it('a required name that is no input, and then any other name', () => {
		const inputs = readModelInputs({
			required: ['prompt', 'image_urls'],
			properties: { prompt: { type: 'string' }, images: { type: 'array' } },
		});
		expect(
			checkInput({ prompt: 'x', image_urls: ['https://a.example/b.png'] }, inputs.schema),
		).toEqual([]);
		expect(inputs.unchecked).toEqual(['required, which names no input: image_urls']);
	});

	it.each([undefined, null, [], 'x', {}, { properties: {} }, { properties: [] }])(
		'any input, where %j is all there is',
		(schema) => {
			const inputs = readModelInputs(schema);
			expect(checkInput({ anything: 1 }, inputs.schema)).toEqual([]);
			expect(formFields(inputs.fields)).toEqual([]);
		},
	);

	it('an input with the name of something that every object has', () => {
		const inputs = readModelInputs({ properties: { constructor: { type: 'string' } } });
		expect(checkInput({}, inputs.schema)).toEqual([]);
		expect(checkInput({ constructor: 5 }, inputs.schema)).toHaveLength(1);
	});

	it('any schema, without an error of its own', () => {
		const words = fc.constantFrom(
			'type',
			'enum',
			'const',
			'items',
			'properties',
			'required',
			'minimum',
			'maximum',
			'pattern',
			'minLength',
			'maxItems',
			'default',
			'format',
			'anyOf',
			'oneOf',
			'$ref',
			'validations',
			'title',
		);
		const known = fc.constantFrom<unknown>(
			'string',
			'float',
			'array',
			'object',
			'image_uris',
			5,
			null,
		);
		const { schema } = fc.letrec((tie) => ({
			schema: fc.dictionary(words, fc.oneof({ maxDepth: 4 }, known, fc.anything(), tie('schema'))),
		}));
		fc.assert(
			fc.property(schema, fc.anything(), (property, value) => {
				const inputs = only(jsonOf({ property }).property, ['value', 'other']);
				checkInput(jsonOf({ value }), inputs.schema);
				expect(formFields(inputs.fields)).toHaveLength(1);
			}),
			{ numRuns: 500 },
		);
	});
});

/** As it comes out of JSON, which is all that a node is given. */
function jsonOf(value: Record<string, unknown>): Record<string, unknown> {
	try {
		return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
	} catch {
		return {};
	}
}

describe('a name that the model does not have', () => {
	const inputs = readModelInputs({
		properties: {
			prompt: { type: 'string' },
			duration: { type: 'integer' },
			aspect_ratio: { type: 'string' },
		},
	});

	it.each([
		['durations', 'duration'],
		['aspectRatio', 'aspect_ratio'],
		['ratio', 'aspect_ratio'],
		['Prompt', 'prompt'],
	])('%s is told with the nearest: %s', (name, nearest) => {
		const [{ says }] = checkInput({ [name]: 'x' }, inputs.schema);
		expect(says).toContain(`did you mean ${nearest}?`);
	});

	it('lists all names, when none is similar', () => {
		const [{ says }] = checkInput({ watermark: true }, inputs.schema);
		expect(says).toBe(
			'is not an input of this model: remove it, or use one of prompt, duration, aspect_ratio',
		);
	});

	it('may be right where the schema allows others', () => {
		const open = readModelInputs({ properties: { a: {} }, additionalProperties: true });
		expect(checkInput({ b: 1 }, open.schema)).toEqual([]);
	});
});

describe('the form of a schema', () => {
	const form = (properties: Record<string, unknown>, required: string[] = []) =>
		formFields(readModelInputs({ properties, required }).fields);

	it('has what is required first, files before settings, and not the prompt', () => {
		const fields = form(
			{
				duration: { type: 'integer' },
				end_image: { type: 'string', format: 'image_uri' },
				image: { type: 'string', format: 'image_uri' },
				prompt: { type: 'string' },
				seed: { type: 'integer' },
			},
			['seed', 'prompt', 'image'],
		);
		expect(fields.map(({ id, required, removed }) => [id, required, removed])).toEqual([
			['image', true, false],
			['seed', true, false],
			['end_image', false, true],
			['duration', false, true],
		]);
	});

	it('tells range and default in the label, and starts with the default of a setting', () => {
		const [field] = form({ cfg_scale: { type: 'float', minimum: 0, maximum: 1, default: 0.5 } });
		expect(field).toMatchObject({
			displayName: 'CFG Scale (0 to 1, default 0.5)',
			type: 'number',
			defaultValue: 0.5,
		});
	});

	it('has the choices of a setting with the types of the schema', () => {
		const [field] = form({ fps: { type: 'integer', enum: [24, 25], default: 25 } });
		expect(field).toMatchObject({
			type: 'options',
			options: [
				{ name: '24', value: 24 },
				{ name: '25 (default)', value: 25 },
			],
			defaultValue: 25,
		});
	});

	it.each([
		{ type: 'string', default: 'a sample' },
		{ type: 'string', format: 'image_uri', default: 'https://samples.example.com/a.png' },
		{ type: 'array', format: 'video_uris', default: ['https://samples.example.com/a.mp4'] },
		{ type: 'array', default: ['a sample'] },
		{ type: 'object', default: { path: 'a sample' } },
		{ default: 'a sample' },
		{ type: 'integer', default: null },
		{ type: 'integer', default: 'a sample' },
		{ enum: ['a', 'b'], default: 'a sample' },
	])('never starts with a sample: %j', (schema) =>
		expect(JSON.stringify(form({ value: schema }))).not.toMatch(/sample|defaultValue/),
	);

	it('has no two fields of the same name for an agent', () => {
		const labels = form({ image_url: {}, 'image-url': {}, 'Image URL': {} }).map(
			({ displayName }) => displayName,
		);
		expect(new Set(labels.map((label) => label.replace(/\W+/g, '_'))).size).toBe(3);
	});

	it('keeps names that begin with a digit, and makes labels of them', () => {
		expect(form({ '33_video': { type: 'string', format: 'video_uri' } })[0]).toMatchObject({
			id: '33_video',
			displayName: '33 Video: URL or Binary Field',
		});
	});
});
