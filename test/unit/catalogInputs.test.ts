import { inputFaults } from '../emulator/inputFaults';
import { klingFaults } from '../emulator/klingFaults';
import { catalogEntries, type CatalogEntry } from '../fixtures/catalog';
import { fullInput, smallestInput, wrongInputs } from '../fixtures/catalogInputs';
import { oddModels } from '../fixtures/oddModels';

const catalog = catalogEntries();
const every = [
	...catalog.map((entry) => ({ name: entry.model_id, entry })),
	...oddModels().map(({ oddity, entry }) => ({ name: `a model with ${oddity}`, entry })),
];

/** The names of a schema's properties. */
function fieldsOf({ input_schema: schema }: CatalogEntry): string[] {
	return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});
}

function requiredOf({ input_schema: schema }: CatalogEntry): string[] {
	const { required } = (schema ?? {}) as { required?: unknown };
	return Array.isArray(required) ? required : [];
}

describe.each(every)('the inputs made for $name', ({ entry }) => {
	it('are what is required, and every field', () => {
		const fields = fieldsOf(entry);
		expect(Object.keys(fullInput(entry)).sort()).toEqual(fields.toSorted());
		expect(Object.keys(smallestInput(entry)).sort()).toEqual(
			requiredOf(entry)
				.filter((name) => fields.includes(name))
				.sort(),
		);
	});

	it('are right by the schema, and for Kling 3.0 by its page', () => {
		for (const input of [smallestInput(entry), fullInput(entry)]) {
			expect(inputFaults(entry.input_schema, input)).toEqual([]);
			if (!entry.model_id.startsWith('kling/kling-3.0/')) continue;
			expect(klingFaults(entry.model_id, input)).toBeUndefined();
		}
	});

	it('are wrong in the one field and by the one rule that is said', () => {
		for (const { field, rule, input } of wrongInputs(entry)) {
			const faults = inputFaults(entry.input_schema, input);
			expect([...new Set(faults.map(({ loc: [, name] }) => name))]).toEqual([field]);
			expect([input, faults.map(({ type }) => type)]).toEqual([
				input,
				expect.arrayContaining([rule]),
			]);
		}
	});
});

it.each(catalog)('each field of $model_id is wrong once', (entry) => {
	const tried = new Set(wrongInputs(entry).map(({ field }) => field));
	expect(fieldsOf(entry).filter((field) => !tried.has(field))).toEqual([]);
});

it('the models have every kind of fault to try', () => {
	const rules = new Set(every.flatMap(({ entry }) => wrongInputs(entry)).map(({ rule }) => rule));
	expect([...rules].sort()).toEqual([
		'additionalProperties',
		'enum',
		'exclusiveMaximum',
		'exclusiveMinimum',
		'format',
		'maxItems',
		'maxLength',
		'maximum',
		'minItems',
		'minLength',
		'minimum',
		'multipleOf',
		'pattern',
		'required',
		'type',
	]);
});
