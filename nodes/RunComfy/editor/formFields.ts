import type { INodePropertyOptions, ResourceMapperField } from 'n8n-workflow';
import {
	CONTROLS,
	FILE_WORDS,
	mapperChoices,
	mapperField,
	rangeText,
} from '../../shared/editor/mapperField';
import type { ModelInputField } from '../../shared/inputs/modelInputs';

/**
 * The form of a model, but for its prompt, which has a field of its own. Labels and choices show range and default.
 * A text or a file has no preset: the API's own is a sample, which would be billed.
 */
export function formFields(fields: ModelInputField[]): ResourceMapperField[] {
	return fields
		.filter((field) => !isPrompt(field))
		.map((field) =>
			mapperField({
				id: field.name,
				displayName: labelWithFacts(field),
				type: CONTROLS[field.kind],
				required: field.required,
				removed: !field.required,
				...(field.kind === 'choice' && { options: choices(field) }),
				// A switch without one would be sent as off, as soon as it is seen (n8n 2.41.1).
				...(isSetting(field) && { defaultValue: field.preset as string | number | boolean }),
			}),
		);
}

export function isPrompt({ name, kind }: ModelInputField): boolean {
	return name === 'prompt' && kind === 'text';
}

function labelWithFacts(field: ModelInputField): string {
	const facts = [...limits(field), ...shownPreset(field)];
	const label = `${field.label}${FILE_WORDS[field.kind] ?? ''}`;
	return facts.length > 0 ? `${label} (${facts.join(', ')})` : label;
}

function limits({ kind, schema }: ModelInputField): string[] {
	if (kind === 'number') return [rangeText(schema)].filter(Boolean);
	if (kind === 'files' && schema.maxItems !== undefined) return [`up to ${schema.maxItems}`];
	if (kind === 'text' && schema.maxLength !== undefined) {
		return [`up to ${schema.maxLength} characters`];
	}
	return kind === 'any' ? ['text or JSON'] : [];
}

function shownPreset(field: ModelInputField): string[] {
	const { kind, preset } = field;
	if (kind === 'choice' || !isSetting(field)) return [];
	return [`default ${kind === 'boolean' ? (preset ? 'on' : 'off') : String(preset)}`];
}

/** Whether the API's default is a setting and no sample. */
function isSetting({ kind, preset }: ModelInputField): boolean {
	const isKind = kind === 'number' || kind === 'boolean' || kind === 'choice';
	return isKind && preset !== undefined && preset !== null;
}

function choices({ schema, preset }: ModelInputField): INodePropertyOptions[] {
	const values = (schema.choices ?? []).filter((value) => value !== null);
	return mapperChoices(values, preset, 'default');
}
