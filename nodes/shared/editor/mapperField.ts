import type { INodePropertyOptions, ResourceMapperField } from 'n8n-workflow';
import { rangeRule } from '../inputs/inputFault';
import type { InputKind, Schema } from '../inputs/schema';

/** The control of n8n's resource mapper for a kind of value; files are named by text. */
export const CONTROLS: Record<InputKind, NonNullable<ResourceMapperField['type']>> = {
	text: 'string',
	number: 'number',
	boolean: 'boolean',
	choice: 'options',
	file: 'string',
	files: 'string',
	list: 'array',
	object: 'object',
	any: 'string',
};

/** What an input of files takes, kept short: n8n cuts a label after about 26 letters. */
export const FILE_WORDS: Partial<Record<InputKind, string>> = {
	file: ': URL or Binary Field',
	files: ': URLs or Binary Fields',
};

/** A field of n8n's resource mapper (2.41.1), which shows nothing of it but label, control and choices. */
export function mapperField(
	own: Pick<ResourceMapperField, 'id' | 'displayName' | 'type' | 'required' | 'removed'> &
		Partial<ResourceMapperField>,
): ResourceMapperField {
	return { display: true, readOnly: false, defaultMatch: false, canBeUsedToMatch: false, ...own };
}

/** The bounds of a number, for its label. */
export function rangeText(schema: Schema): string {
	return rangeRule(schema).replace(' from ', '').trim();
}

/**
 * Choices but those that n8n would take for an expression; they can be given as JSON.
 *
 * @param mark what is said of the usual one
 */
export function mapperChoices(
	values: Array<string | number | boolean>,
	usual: unknown,
	mark: string,
): INodePropertyOptions[] {
	return values
		.filter((value) => !String(value).startsWith('='))
		.map((value) => ({ name: `${String(value)}${value === usual ? ` (${mark})` : ''}`, value }));
}
