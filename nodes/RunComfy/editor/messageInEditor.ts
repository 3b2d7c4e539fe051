import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { RunComfyError, type ErrorKind } from '../../shared/api/errors';
import { NodeErrors } from '../../shared/errors/nodeErrors';

const CREDENTIAL = 'Correct the RunComfy API credential, then open the node again.';
const REMEDIES: Partial<Record<ErrorKind, string>> = {
	invalidInput: '',
	unauthorized: CREDENTIAL,
	invalidCredential: CREDENTIAL,
	notFound: 'Choose one from the list, or check the ID.',
};

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
