import type { INodeProperties } from 'n8n-workflow';
import { inputFields } from '../../nodes/KlingVideo/inputFields';
import { modelId } from '../../nodes/KlingVideo/models';
import { inputsOf, SOURCES, TIERS } from '../../nodes/KlingVideo/schemas';
import { checkInput } from '../../nodes/shared/inputs/checkInput';
import { readModelInputs, type ModelInputField } from '../../nodes/shared/inputs/modelInputs';
import { pageOf } from '../fixtures/klingInputSchema';

type Schema = Record<string, unknown>;

/** Every model of Kling 3.0: its page, and our schema of it. */
const models = SOURCES.flatMap((source) =>
	TIERS.map((tier) => {
		const id = modelId(tier, source);
		return { id, source, tier, ours: inputsOf(source, tier), page: pageOf(id) };
	}),
);

/** The node's parameter for an input: n8n's names are in camelCase, and what is one thing to a user is one. */
function parameterOf(name: string): string {
	if (name === 'generate_audio') return 'sound';
	if (name.endsWith('_image_url')) return name.replace('_image_url', 'ImageUrl');
	return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The fields of the form, those under Additional Fields among the others. */
const formFields = inputFields
	.filter(({ type }) => type !== 'hidden')
	.flatMap((field) =>
		field.name === 'additionalFields' ? (field.options as INodeProperties[]) : [field],
	);

/** The field of the form for a model; its siblings of the same name are for others. */
function field(name: string, source: string, tier: string): INodeProperties | undefined {
	const chosen: Record<string, string> = { generateFrom: source, model: tier };
	return formFields.find(
		(property) =>
			property.name === parameterOf(name) &&
			Object.entries(property.displayOptions?.show ?? {}).every(([on, values]) => {
				const value = chosen[on.replace('/', '')];
				return value === undefined || values?.includes(value);
			}),
	);
}

/** What of an input means something to a value; samples and the bound of the segments are our own choice. */
function facts(inputs: ModelInputField[]): Record<string, unknown> {
	return Object.fromEntries(
		inputs.map(({ name, required, kind, preset, schema }) => {
			const { minimum, maximum, choices } = schema;
			const sample = required || name === 'multi_prompt';
			const isFile = name.endsWith('_image_url');
			return [
				name,
				{ required, kind, minimum, maximum, choices, ...(!sample && !isFile && { preset }) },
			];
		}),
	);
}

describe.each(models)('our schema and the page’s of $id', ({ ours, page }) => {
	it('are the same but for samples, and have none of these', () => {
		const asPage = (schema: Schema) =>
			schema.format === 'image_uri' || !('format' in schema) ? schema : { ...schema };
		const properties = Object.fromEntries(
			Object.entries(page.properties).map(([name, schema]) => [name, asPage(schema)]),
		);
		const theirs = readModelInputs({ ...page, properties });
		const expected = facts(theirs.fields);
		for (const [name, each] of Object.entries(expected)) {
			if (name.endsWith('_image_url')) (each as { kind: string }).kind = 'file';
		}
		expect(facts(ours.fields)).toEqual(expected);
		const samples = ours.fields.filter(({ required, preset }) => required && preset !== undefined);
		expect(samples).toEqual([]);
	});

	it('agree on a segment, of which no more than five can last 15 seconds together', () => {
		const { items, maxItems } = ours.schema.properties!.multi_prompt;
		const segment = page.properties.multi_prompt.items as Record<string, Schema>;
		expect(Object.keys(items!.properties!)).toEqual(Object.keys(segment));
		const { minimum, maximum } = items!.properties!.duration;
		const { minimum: least, maximum: most } = segment.duration;
		expect([minimum, maximum]).toEqual([least, most]);
		expect(maxItems).toBe(5);
	});
});

describe.each(models)('the form and the page’s schema of $id', ({ source, tier, page }) => {
	const kinds: Record<string, string> = {
		string: 'string',
		integer: 'number',
		float: 'number',
		boolean: 'boolean',
		array: 'fixedCollection',
	};

	it('agree on every field that leaves a choice', () => {
		for (const [name, schema] of Object.entries(page.properties)) {
			const values = schema.enum as unknown[] | undefined;
			const shown = field(name, source, tier);
			if (values?.length === 1) {
				expect([name, shown]).toEqual([name, undefined]);
				continue;
			}
			const { type, hint, default: preset, options } = shown ?? {};
			const kind = name === 'elements' ? 'json' : kinds[String(schema.type)];
			expect([name, type]).toEqual([name, values ? 'options' : kind]);
			if (values) {
				const offered = options?.map((option) => (option as { value?: string }).value);
				expect(offered?.toSorted()).toEqual(values.toSorted());
			}
			// From an image too: the same video costs the same from either.
			const usual = name === 'duration' ? 5 : schema.default;
			if (!page.required.includes(name) && schema.default !== undefined) {
				expect([name, preset]).toEqual([name, usual]);
			}
			if (schema.minimum !== undefined) {
				const range = `${String(schema.minimum)} to ${String(schema.maximum)}`;
				expect(hint?.split('. ')[0]).toBe(range);
			}
		}
	});

	it('show no field that the model does not have', () => {
		const others = models
			.flatMap((model) => Object.keys(model.page.properties))
			.filter((name) => !(name in page.properties))
			.filter((name) => name !== 'sound' && name !== 'generate_audio');
		expect(others.filter((name) => field(name, source, tier))).toEqual([]);
	});

	it('start with what is required empty', () => {
		for (const name of page.required) {
			expect(field(name, source, tier)).toMatchObject({ default: '' });
		}
	});

	it('agree on the segments of multi_prompt', () => {
		const [{ values }] = field('multi_prompt', source, tier)?.options as Array<{
			values: INodeProperties[];
		}>;
		const segment = page.properties.multi_prompt.items as Record<string, Schema>;
		expect(values.map(({ name }) => name)).toEqual(Object.keys(segment));
		const [, duration] = values;
		const { minimum, maximum } = segment.duration;
		// The shortest, so that new segments fit into a video.
		expect(duration.default).toBe(minimum);
		expect(duration.hint).toBe(`${String(minimum)} to ${String(maximum)}`);
	});

	it('name the fields of the input beside the JSON', () => {
		const json = inputFields.find(
			({ name, displayOptions }) =>
				name === 'inputsJson' && displayOptions?.show?.generateFrom?.includes(source),
		);
		for (const name of Object.keys(page.properties)) expect(json?.hint).toContain(name);
	});

	it('starts the JSON with fields that can be sent once what is required is filled in', () => {
		const json = inputFields.find(
			({ name, displayOptions }) =>
				name === 'inputsJson' && displayOptions?.show?.generateFrom?.includes(source),
		);
		const preset = JSON.parse(String(json?.default)) as Schema;
		const input = JSON.parse(
			JSON.stringify(preset).replace('{"binary":"data"}', '"data:"'),
		) as Schema;
		const faults = checkInput(input, inputsOf(source, tier).schema);
		expect(faults).toEqual([{ path: ['prompt'], says: 'is required' }]);
		expect(Object.keys(preset)).toEqual(expect.arrayContaining(['prompt', 'duration']));
	});
});

describe('the models', () => {
	const valuesOf = (name: string) => {
		const [{ options }] = inputFields.filter((property) => property.name === name);
		return options?.map((option) => (option as { value?: unknown }).value);
	};

	it('are the six of the catalogue', () => {
		expect(models.map(({ id }) => id)).toEqual([
			'kling/kling-3.0/standard/text-to-video',
			'kling/kling-3.0/pro/text-to-video',
			'kling/kling-3.0/4k/text-to-video',
			'kling/kling-3.0/standard/image-to-video',
			'kling/kling-3.0/pro/image-to-video',
			'kling/kling-3.0/4k/image-to-video',
		]);
	});

	it('are chosen by tier and by what the video starts from', () => {
		expect(valuesOf('model')).toEqual([...TIERS, 'byId']);
		expect(valuesOf('generateFrom')?.toSorted()).toEqual([...SOURCES].sort());
	});
});
