import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { isAgentTool, messageForModel } from './agentTool';
import { errorText } from './errorText';
import { redact } from './redact';

/**
 * The one border where an error becomes n8n's: its words, the item it belongs to, and nothing that
 * must stay secret. Errors that are not ours (an expression that fails, say) keep their message.
 *
 * @param privateTexts texts that must not be shown: the token and the item's prompts
 */
export function toNodeError(
	context: Pick<IExecuteFunctions, 'getNode'>,
	error: unknown,
	itemIndex: number,
	privateTexts: string[],
): NodeOperationError {
	if (!(error instanceof RunComfyError)) {
		const message = error instanceof Error ? error.message : String(error);
		return new NodeOperationError(context.getNode(), redact(message, privateTexts), { itemIndex });
	}
	const { detail } = error.facts;
	const foreign = detail !== undefined && error.kind !== 'invalidInput';
	const facts = { ...error.facts, ...(foreign && { detail: redact(detail, privateTexts) }) };
	const { message, description } = errorText(error.kind, facts);
	const node = context.getNode();
	const words = isAgentTool(node) ? messageForModel(message, error) : message;
	return new NodeOperationError(node, words, { description, itemIndex });
}
