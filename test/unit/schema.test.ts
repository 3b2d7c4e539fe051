import { z } from 'zod/v4';
import type { INodeProperties } from 'n8n-workflow';
import { checkKlingInput } from '../../nodes/KlingVideo/checkKlingInput';
import { flatInputFields, inputFields } from '../../nodes/KlingVideo/inputFields';
import { fieldsOf, inputOf, type KlingField } from '../../nodes/KlingVideo/klingInput';
import { parameterOf } from '../../nodes/KlingVideo/parameterNames';
import { modelId, SOURCES, TIERS } from '../../nodes/KlingVideo/models';
import { pageOf } from '../fixtures/klingInputSchema';

type Schema = Record<string, unknown>;

/** Every model of Kling 3.0: its page, our schema of it, and its form. */
const models = SOURCES.flatMap((source) =>
	TIERS.map((tier) => {
		const id = modelId(tier, source);
		const ours = z.toJSONSchema(inputOf({ source, tier }), { io: 'input' }) as unknown as {
			properties: Record<string, Schema>;
			required: string[];
		};
		return { id, source, tier, ours, page: pageOf(id) };
	}),
);

/** What of a field's schema means something to a value; of an image, its URL. */
function facts(schema: Schema): Schema {
	const { anyOf: [url] = [] } = schema as { anyOf?: Schema[] };
	const { type, minimum, maximum, default: preset, enum: values, maxItems } = url ?? schema;
	return { type: type === 'float' ? 'number' : type, minimum, maximum, preset, values, maxItems };
}

/** The field of the form for a model; its siblings of the same name are for others. */
function field(name: string, source: string, tier: string): INodeProperties | undefined {
	const chosen: Record<string, string> = { generateFrom: source, model: tier };
	return flatInputFields.find(
		(property) =>
			property.name === parameterOf(name as KlingField) &&
			Object.entries(property.displayOptions?.show ?? {}).every(([on, values]) => {
				const value = chosen[on.replace('/', '')];
				return value === undefined || values?.includes(value);
			}),
	);
}

describe.each(models)('our schema and the page’s of $id', ({ source, tier, ours, page }) => {
	it('know the same fields and require the same', () => {
		expect(Object.keys(ours.properties).sort()).toEqual(Object.keys(page.properties).sort());
		expect(ours.required.toSorted()).toEqual(page.required.toSorted());
		expect(fieldsOf({ source, tier })).toEqual(Object.keys(ours.properties));
	});

	it('agree on every field, but for the samples, which must not be billed by accident', () => {
		for (const [name, schema] of Object.entries(page.properties)) {
			const sample = page.required.includes(name) && { preset: undefined };
			// Of the 20 segments of the page no more than five can last 15 seconds together.
			const most = name === 'multi_prompt' && { maxItems: 5 };
			const expected = { ...facts(schema), ...sample, ...most };
			expect([name, facts(ours.properties[name])]).toEqual([name, expected]);
		}
	});

	it.each(['prompt', 'duration'])('agree on %s of a segment', (name) => {
		const items = ours.properties.multi_prompt.items as { properties: Record<string, Schema> };
		const segment = page.properties.multi_prompt.items as Record<string, Schema>;
		expect(Object.keys(items.properties)).toEqual(Object.keys(segment));
		expect(facts(items.properties[name])).toEqual(facts(segment[name]));
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
			if (!page.required.includes(name) && schema.default !== undefined) {
				expect([name, preset]).toEqual([name, schema.default]);
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
			.filter((name) => !(name in page.properties));
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
				name === 'inputJson' && displayOptions?.show?.generateFrom?.includes(source),
		);
		for (const name of Object.keys(page.properties)) expect(json?.hint).toContain(name);
	});

	it('starts the JSON with fields that can be sent once what is required is filled in', () => {
		const json = inputFields.find(
			({ name, displayOptions }) =>
				name === 'inputJson' && displayOptions?.show?.generateFrom?.includes(source),
		);
		const preset = JSON.parse(String(json?.default)) as Schema;
		const faults = checkKlingInput(preset, { id: '', source, tier });
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
