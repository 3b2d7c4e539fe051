import type { ILoadOptionsFunctions } from 'n8n-workflow';
import type { CallParts } from '../api/call';
import { Catalog } from '../api/catalog';
import { RunComfyError, type ErrorKind } from '../api/errors';
import type { CallLimits } from '../api/http';
import type { Target } from '../api/routes';
import { hostClock } from '../connection/clock';
import { readCredential } from '../connection/credential';
import { createSend } from '../connection/send';
import { NodeErrors } from '../errors/nodeErrors';

/** How long the editor waits for RunComfy, in ms. */
const PATIENCE_MS = 12_000;

const CREDENTIAL = 'Correct the RunComfy API credential, then open the node again.';
const REMEDIES: Partial<Record<ErrorKind, string>> = {
	invalidInput: '',
	unauthorized: CREDENTIAL,
	invalidCredential: CREDENTIAL,
	notFound: 'Choose one from the list, or check the ID.',
};

/**
 * What the editor reads RunComfy's lists with.
 *
 * @throws RunComfyError `invalidCredential`
 */
export async function openApi(
	context: ILoadOptionsFunctions,
	target: Target = 'model',
): Promise<{ parts: CallParts; host: string; limits: CallLimits }> {
	const access = readCredential(await context.getCredentials('runComfyApi'), target);
	const send = createSend(context.helpers, access, hostClock);
	return {
		parts: { send, clock: hostClock, random: Math.random },
		host: access.host,
		limits: { deadline: hostClock.now() + PATIENCE_MS },
	};
}

/** @throws RunComfyError `invalidCredential` */
export async function openCatalog(
	context: ILoadOptionsFunctions,
): Promise<{ catalog: Catalog; limits: CallLimits }> {
	const { parts, limits } = await openApi(context);
	return { catalog: new Catalog(parts), limits };
}

/**
 * What the editor shows when the catalog could not be read, and what to do about it, in one
 * text: neither a list nor a form has a second place for it.
 *
 * @param otherwise what to do when it lies with none of the fields
 */
export function messageInEditor(
	context: ILoadOptionsFunctions,
	error: unknown,
	otherwise: string,
	target: Target = 'model',
): string {
	const { message } = new NodeErrors(context, 'media', target).words({
		itemIndex: 0,
		error,
		prompts: [],
	});
	const known = error instanceof RunComfyError ? REMEDIES[error.kind] : undefined;
	return `${message.replace(/\.$/, '')}. ${known ?? otherwise}`.trim();
}
