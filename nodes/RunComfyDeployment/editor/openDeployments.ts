import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { hostClock } from '../../shared/connection/clock';
import { readCredential } from '../../shared/connection/credential';
import { createSend } from '../../shared/connection/send';
import { Deployments } from '../deployments';

/** How long the editor waits for RunComfy, in ms. */
const PATIENCE_MS = 12_000;

/** @throws RunComfyError `invalidCredential` */
export async function openDeployments(context: ILoadOptionsFunctions) {
	const access = readCredential(await context.getCredentials('runComfyApi'), 'deployment');
	const { helpers } = context;
	const send = createSend(helpers, access, hostClock);
	const signal = new AbortController().signal;
	const files = { helpers, apiHost: access.host, allowedHosts: [], signal };
	const deployments = new Deployments({ send, clock: hostClock, random: Math.random }, files);
	return { deployments, limits: { deadline: hostClock.now() + PATIENCE_MS } };
}
