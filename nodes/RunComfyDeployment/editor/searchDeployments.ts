import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchResult,
} from 'n8n-workflow';
import { messageInEditor } from '../../shared/editor/catalog';
import type { DeploymentSummary } from '../deployments';
import { openDeployments } from './openDeployments';

const RETRY = 'Try again in a minute, or choose the deployment By ID.';

/** The account's deployments, by name: those with the filter in their row. */
export async function searchDeployments(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const all = await openDeployments(this)
		.then(async ({ deployments, limits }) => await deployments.list(limits))
		.catch((error: unknown) => {
			throw new NodeOperationError(
				this.getNode(),
				messageInEditor(this, error, RETRY, 'deployment'),
			);
		});
	const results = all
		.map((deployment) => ({ name: rowOf(deployment), value: deployment.id }))
		.filter(({ name }) => name.toLowerCase().includes(filter.trim().toLowerCase()))
		.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
	return { results };
}

function rowOf({ name, status, hardware, isEnabled }: DeploymentSummary): string {
	return [name, isEnabled ? status : 'disabled', ...hardware].filter(Boolean).join(' · ');
}
