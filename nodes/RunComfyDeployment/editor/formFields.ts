import type { INodePropertyOptions, ResourceMapperField } from 'n8n-workflow';
import {
	CONTROLS,
	FILE_WORDS,
	mapperChoices,
	mapperField,
	rangeText,
} from '../../shared/editor/mapperField';
import { stringifyExact } from '../../shared/api/exactJson';
import { isBlank } from '../../shared/parameters/values';
import type { WorkflowInput } from '../workflow/workflowInputs';

const LONGEST_SAVED = 24;
/** What ComfyUI's editor keeps among the inputs for itself. */
const OF_EDITOR =
	/^(?:upload|audioUI|video-preview|choose \w+ to upload|preview_(?:markdown|text))$/;

/** The form of a workflow. The label tells the saved value; a preset would be sent. */
export function formFields(inputs: WorkflowInput[]): ResourceMapperField[] {
	return inputs
		.filter(({ input }) => !OF_EDITOR.test(input))
		.map((input) => {
			const options = choicesOf(input);
			return mapperField({
				id: input.name,
				displayName: labelOf(input),
				// A seed is text, for a number of n8n's form does not hold one of 64 bits.
				type: input.isSeed ? 'string' : options.length > 0 ? 'options' : CONTROLS[input.kind],
				required: false,
				removed: !input.isShown,
				...(options.length > 0 && { options }),
			});
		});
}

function labelOf({ label, kind, schema, saved, isSeed }: WorkflowInput): string {
	const range = kind === 'number' && !isSeed ? rangeText(schema) : '';
	const facts = [savedText(saved), range].filter(Boolean).join('; ');
	return `${label}${FILE_WORDS[kind] ?? ''}${facts && ` (${facts})`}`;
}

/** A number with more digits than a JavaScript number holds is not the saved one. */
function savedText(saved: unknown): string {
	if (isBlank(saved)) return '';
	if (typeof saved === 'number' && Number.isInteger(saved) && !Number.isSafeInteger(saved))
		return '';
	const text = typeof saved === 'object' ? stringifyExact(saved) : String(saved);
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length > LONGEST_SAVED ? `${line.slice(0, LONGEST_SAVED)}…` : line;
}

/** Also of a switch, which n8n (2.41.1) would send as off as soon as it is seen. */
function choicesOf({ kind, choices, saved }: WorkflowInput): INodePropertyOptions[] {
	if (kind === 'file') return [];
	const listed = kind === 'boolean' ? [true, false] : choices.filter((one) => one !== null);
	const isListed = listed.length === 0 || listed.includes(saved as string);
	const all = isListed ? listed : [saved as string, ...listed];
	return mapperChoices(all, saved, 'saved');
}
