import type { ILoadOptionsFunctions, ResourceMapperFields } from 'n8n-workflow';
import { loadForm, noFields } from '../../shared/editor/loadForm';
import { isChosen } from '../../shared/parameters/located';
import { readDeploymentId } from '../readInput';
import { formFields } from './formFields';
import { openDeployments } from './openDeployments';

const NO_WORKFLOW =
	'This deployment has no workflow. Choose <b>Specify Inputs → Using JSON</b>, and give the inputs on its API tab in RunComfy.';

export async function getInputs(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	return await loadForm(
		this,
		async () => {
			const value = this.getCurrentNodeParameter('deployment');
			if (!isChosen(value)) return undefined;
			const { deployments, limits } = await openDeployments(this);
			const deployment = await deployments.find(readDeploymentId(value), limits);
			const form = formFields(await deployments.inputs(deployment));
			return form.length > 0 ? { fields: form } : noFields(NO_WORKFLOW);
		},
		'deployment',
	);
}
