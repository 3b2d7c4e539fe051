import type {
	ILoadOptionsFunctions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';
import { toNodeError } from '../../shared/errors/nodeError';
import { readModelInputs } from '../model/modelInputs';
import { formFields, isPrompt } from './formFields';
import { chosenModel } from './openCatalog';

const NO_LIST =
	'RunComfy lists no inputs for this model. To give some, choose <b>Specify Inputs → Using JSON</b>.';

/**
 * The form of the chosen model. What goes wrong is told in its place, for n8n (2.41.1) shows nothing when
 * this rejects. The form that there is stays as it is then: an empty one would delete what is filled in.
 */
export async function getInputs(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	return await chosenModel(this).then(
		(model) => {
			if (!model) return nothing('Choose a model to see its inputs');
			const { fields } = readModelInputs(model.inputSchema);
			const form = formFields(fields);
			if (form.length > 0) return { fields: form };
			return nothing(fields.some(isPrompt) ? 'This model takes only a prompt' : NO_LIST);
		},
		(error: unknown) => {
			const kept = keptFields(this);
			if (kept.length > 0) return { fields: kept };
			const { message } = toNodeError(this, error, 0, []);
			return nothing(`${escaped(message)}. Open the node again to retry, or use JSON.`);
		},
	);
}

function nothing(emptyFieldsNotice: string): ResourceMapperFields {
	return { fields: [], emptyFieldsNotice };
}

function keptFields(context: ILoadOptionsFunctions): ResourceMapperField[] {
	const held = context.getCurrentNodeParameter('inputs') as
		| { schema?: ResourceMapperField[] }
		| undefined;
	return Array.isArray(held?.schema) ? held.schema : [];
}

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
