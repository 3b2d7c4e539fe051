import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { toNodeError } from '../../shared/errors/nodeError';

/** Does what the editor asks for. Rejects with a NodeOperationError in the words of the node's errors. */
export async function inEditor<Answer>(
	context: ILoadOptionsFunctions,
	answer: () => Promise<Answer>,
): Promise<Answer> {
	return await answer().catch((error: unknown) => {
		throw toNodeError(context, error, 0, []);
	});
}
