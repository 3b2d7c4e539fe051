import type { ILoadOptionsFunctions, ResourceMapperFields } from 'n8n-workflow';
import { loadForm, noFields } from '../../shared/editor/loadForm';
import { readModelInputs } from '../../shared/inputs/modelInputs';
import { formFields, isPrompt } from './formFields';
import { chosenModel } from './chosenModel';

const NO_LIST =
	'RunComfy lists no inputs for this model. To give some, choose <b>Specify Inputs → Using JSON</b>.';

export async function getInputs(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	return await loadForm(this, async () => {
		const model = await chosenModel(this);
		if (!model) return undefined;
		const { fields } = readModelInputs(model.inputSchema);
		const form = formFields(fields);
		if (form.length > 0) return { fields: form };
		return noFields(fields.some(isPrompt) ? 'This model takes only a prompt' : NO_LIST);
	});
}
