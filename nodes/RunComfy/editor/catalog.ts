import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { Catalog, type CatalogModel } from '../../shared/api/catalog';
import { RunComfyError, type ErrorKind } from '../../shared/api/errors';
import { hostClock } from '../../shared/connection/clock';
import { readCredential } from '../../shared/connection/credential';
import { createSend } from '../../shared/connection/send';
import { NodeErrors } from '../../shared/errors/nodeErrors';
import { isChosen, modelIdOf, readModelChoice } from '../modelChoice';

/** How long the editor waits for the catalog, in ms. */
const PATIENCE_MS = 12_000;

const CREDENTIAL = 'Correct the RunComfy API credential, then open the node again.';
const REMEDIES: Partial<Record<ErrorKind, string>> = {
	invalidInput: '',
	unauthorized: CREDENTIAL,
	invalidCredential: CREDENTIAL,
	notFound: 'Choose one from the list, or check the ID.',
};

/** @throws RunComfyError what the catalog rejects with, or `invalidCredential` */
export async function listModels(context: ILoadOptionsFunctions): Promise<CatalogModel[]> {
	const { catalog, limits } = await openCatalog(context);
	return await catalog.models(limits);
}

/**
 * The model that is chosen in the node; undefined before one is. The credential is not asked for until
 * then: a new node may have none yet.
 *
 * @throws RunComfyError what the catalog rejects with, or `invalidCredential`
 */
export async function chosenModel(
	context: ILoadOptionsFunctions,
): Promise<CatalogModel | undefined> {
	const value = context.getCurrentNodeParameter('model');
	if (!isChosen(value)) return undefined;
	const choice = readModelChoice(value);
	const { catalog, limits } = await openCatalog(context);
	const id = await modelIdOf(choice, async () => await catalog.models(limits));
	return await catalog.model(id, limits);
}

async function openCatalog(context: ILoadOptionsFunctions) {
	const access = readCredential(await context.getCredentials('runComfyApi'));
	const send = createSend(context.helpers, access, hostClock);
	const catalog = new Catalog({ send, clock: hostClock, random: Math.random });
	return { catalog, limits: { deadline: hostClock.now() + PATIENCE_MS } };
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
): string {
	const { message } = new NodeErrors(context, 'media').words({ itemIndex: 0, error, prompts: [] });
	const known = error instanceof RunComfyError ? REMEDIES[error.kind] : undefined;
	return `${message.replace(/\.$/, '')}. ${known ?? otherwise}`.trim();
}
