import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { RunComfyError } from '../../shared/api/errors';
import { toNodeError } from '../../shared/errors/nodeError';

/**
 * Does what the editor asks for. Rejects with a NodeOperationError in the words of the node's errors, of
 * which n8n (2.41.1) shows the message alone, so that it says what to do, too.
 */
export async function inEditor<Answer>(
	context: ILoadOptionsFunctions,
	answer: () => Promise<Answer>,
): Promise<Answer> {
	return await answer().catch((error: unknown) => {
		const told = toNodeError(context, error, 0, []);
		if (error instanceof RunComfyError && error.kind === 'catalogUnavailable') {
			told.message = `${told.message}. Try again in a minute, or choose the model By ID.`;
		}
		throw told;
	});
}
