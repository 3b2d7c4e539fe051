import { inputFaults } from '../emulator/inputFaults';
import { klingFaults } from '../emulator/klingFaults';
import { catalogEntries, type CatalogEntry } from '../fixtures/catalog';
import { fullInput, smallestInput, wrongInputs } from '../fixtures/catalogInputs';

const catalog = catalogEntries();

/** Fields of a schema that stand in it as properties. */
function fieldsOf({ input_schema: schema }: CatalogEntry): string[] {
	return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});
}

function requiredOf({ input_schema: schema }: CatalogEntry): string[] {
	return (schema as { required?: string[] } | undefined)?.required ?? [];
}

describe.each(catalog)('the inputs made for $model_id', (entry) => {
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

	it('are wrong once in every field of which anything is known', () => {
		const known = fieldsOf(entry);
		const tried = new Set(wrongInputs(entry).map(({ field }) => field));
		expect(known.filter((field) => !tried.has(field))).toEqual([]);
	});
});

it('the catalog has every kind of fault to try', () => {
	const rules = new Set(catalog.flatMap(wrongInputs).map(({ rule }) => rule));
	expect([...rules].sort()).toEqual([
		'additionalProperties',
		'enum',
		'format',
		'maxItems',
		'maxLength',
		'maximum',
		'minItems',
		'minimum',
		'required',
		'type',
	]);
});
