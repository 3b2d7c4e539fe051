import { z } from 'zod/v4';
import type { INodeProperties } from 'n8n-workflow';
import { flatInputFields } from '../../nodes/KlingVideo/inputFields';
import { klingInput, MODELS, RULES } from '../../nodes/KlingVideo/klingInput';
import { apiPage } from '../fixtures/klingInputSchema';

type Schema = Record<string, unknown>;

const page = apiPage.properties as unknown as Record<string, Schema>;
const ours = z.toJSONSchema(klingInput, { io: 'input' }) as unknown as {
	properties: Record<string, Schema>;
	required: string[];
};

/** What of a field's schema means something to a value. */
function facts({
	type,
	minimum,
	maximum,
	default: preset,
	enum: values,
	maxItems,
}: Schema): Schema {
	return { type: type === 'float' ? 'number' : type, minimum, maximum, preset, values, maxItems };
}

function field(name: string): INodeProperties {
	const found = flatInputFields.find((property) => property.name === name);
	if (!found) throw new Error(`The form has no field ${name}`);
	return found;
}

describe('the zod schema and the schema of the model’s API page', () => {
	it('know the same fields and require the same', () => {
		expect(Object.keys(ours.properties)).toEqual(Object.keys(page));
		expect(ours.required).toEqual(apiPage.required);
		expect(Object.keys(RULES)).toEqual(Object.keys(page));
	});

	it.each(Object.keys(page).filter((name) => name !== 'prompt'))('agree on %s', (name) => {
		expect(facts(ours.properties[name])).toEqual(facts(page[name]));
	});

	it('agree on the prompt, but for the page’s sample, which must not be paid for by accident', () => {
		expect(facts(ours.properties.prompt)).toEqual({ ...facts(page.prompt), preset: undefined });
	});

	it.each(['prompt', 'duration'])('agree on %s of a segment', (name) => {
		const items = ours.properties.multi_prompt.items as { properties: Record<string, Schema> };
		const segment = page.multi_prompt.items as Record<string, Schema>;
		expect(Object.keys(items.properties)).toEqual(Object.keys(segment));
		expect(facts(items.properties[name])).toEqual(facts(segment[name]));
	});
});

describe('the form and the schema of the model’s API page', () => {
	const kinds: Record<string, string> = {
		string: 'string',
		integer: 'number',
		float: 'number',
		boolean: 'boolean',
		array: 'fixedCollection',
	};

	it.each(Object.keys(page))('agree on %s', (name) => {
		const { type, description, default: preset, options } = field(name);
		const schema = page[name];
		expect(type).toBe(schema.enum ? 'options' : kinds[String(schema.type)]);
		if (type === 'options') {
			expect(options?.map((option) => (option as { value?: unknown }).value)).toEqual(schema.enum);
		}
		if (name !== 'prompt' && schema.default !== undefined) expect(preset).toBe(schema.default);
		if (schema.minimum !== undefined) {
			expect(description).toContain(`from ${String(schema.minimum)} to ${String(schema.maximum)}`);
		}
	});

	it('start with an empty prompt that must be filled in', () => {
		expect(field('prompt')).toMatchObject({ default: '', required: true });
	});

	it('agree on the segments of multi_prompt', () => {
		const [{ values }] = field('multi_prompt').options as Array<{ values: INodeProperties[] }>;
		const segment = page.multi_prompt.items as Record<string, Schema>;
		expect(values.map(({ name }) => name)).toEqual(Object.keys(segment));
		const [, duration] = values;
		expect(duration.default).toBe(segment.duration.default);
		const { minimum, maximum } = segment.duration;
		expect(duration.description).toContain(`from ${String(minimum)} to ${String(maximum)}`);
	});

	it('offer the three models that share the input, the page’s own first', () => {
		const { options, default: preset } = field('model');
		expect(options?.map((option) => (option as { value?: unknown }).value)).toEqual(
			Object.values(MODELS),
		);
		expect(preset).toBe('kling/kling-3.0/pro/text-to-video');
	});
});
