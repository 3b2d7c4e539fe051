import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { openApi } from '../../shared/editor/catalog';
import { Deployments } from '../deployments';

/** @throws RunComfyError `invalidCredential` */
export async function openDeployments(context: ILoadOptionsFunctions) {
	const { parts, host, limits } = await openApi(context, 'deployment');
	const { signal } = new AbortController();
	const files = { helpers: context.helpers, apiHost: host, allowedHosts: [], signal };
	return { deployments: new Deployments(parts, files), limits };
}
