import type {
	ILoadOptionsFunctions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';
import { messageInEditor } from '../../shared/editor/catalog';
import { escapeHtml } from '../../shared/errors/errorText';
import { readModelInputs } from '../../shared/inputs/modelInputs';
import { formFields, isPrompt } from './formFields';
import { chosenModel } from './chosenModel';

const NO_LIST =
	'RunComfy lists no inputs for this model. To give some, choose <b>Specify Inputs → Using JSON</b>.';
/** n8n (2.41.1) does not ask for the form of a model while an expression of the node has no data. */
const NO_MODEL = 'Choose a model to see its inputs. If you have chosen one, open the node again.';
const RETRY = 'Open the node again to retry, or choose Specify Inputs → Using JSON.';

/**
 * The form of the chosen model. What goes wrong is told in its place, for n8n (2.41.1) shows nothing when
 * this rejects. The form that there is stays as it is then: an empty one would delete what is filled in.
 */
export async function getInputs(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	return await chosenModel(this).then(
		(model) => {
			if (!model) return nothing(NO_MODEL);
			const { fields } = readModelInputs(model.inputSchema);
			const form = formFields(fields);
			if (form.length > 0) return { fields: form };
			return nothing(fields.some(isPrompt) ? 'This model takes only a prompt' : NO_LIST);
		},
		(error: unknown) => {
			const kept = keptFields(this);
			if (kept.length > 0) return { fields: kept };
			return nothing(escapeHtml(messageInEditor(this, error, RETRY)));
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
