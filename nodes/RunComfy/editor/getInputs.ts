import type { ILoadOptionsFunctions, ResourceMapperFields } from 'n8n-workflow';
import { loadForm, noFields } from '../../shared/editor/loadForm';
import { readModelInputs } from '../../shared/inputs/modelInputs';
import { formFields, isPrompt } from './formFields';
import { chosenModel } from './chosenModel';

const NO_LIST =
	'RunComfy lists no inputs for this model. To give some, choose <b>Specify Inputs → Using JSON</b>.';
/** n8n (2.41.1) does not ask for the form while an expression of the node has no data. */
const NO_MODEL = 'Choose a model to see its inputs. If you have chosen one, open the node again.';

export async function getInputs(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	return await loadForm(this, async () => {
		const model = await chosenModel(this);
		if (!model) return noFields(NO_MODEL);
		const { fields } = readModelInputs(model.inputSchema);
		const form = formFields(fields);
		if (form.length > 0) return { fields: form };
		return noFields(fields.some(isPrompt) ? 'This model takes only a prompt' : NO_LIST);
	});
}
