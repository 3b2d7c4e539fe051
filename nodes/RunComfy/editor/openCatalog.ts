import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { createCatalog, type Catalog, type CatalogModel } from '../../shared/api/catalog';
import type { CallLimits } from '../../shared/api/http';
import { hostClock } from '../../shared/connection/clock';
import { readCredential } from '../../shared/connection/credential';
import { createSend } from '../../shared/connection/send';
import { isChosen, modelIdOf, readModelChoice } from '../model/modelChoice';

/** How long the editor waits for the catalog, in ms. */
const PATIENCE_MS = 12_000;

/** The catalog, as the editor asks it. */
export interface EditorCatalog {
	catalog: Catalog;
	limits: CallLimits;
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

/** @throws RunComfyError `invalidCredential` */
export async function openCatalog(context: ILoadOptionsFunctions): Promise<EditorCatalog> {
	const access = readCredential(await context.getCredentials('runComfyApi'));
	const send = createSend(context.helpers, access, hostClock);
	const catalog = createCatalog({ send, clock: hostClock, random: Math.random });
	return { catalog, limits: { deadline: hostClock.now() + PATIENCE_MS } };
}
