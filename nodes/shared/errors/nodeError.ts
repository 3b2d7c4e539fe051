import { NodeApiError, NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import { isAgentTool, messageForModel } from './agentTool';
import { asHtml } from './descriptionHtml';
import { errorText, type ErrorText, type Makes } from './errorText';
import { redact } from './redact';

/** Where an error happened, and what of it must not be shown. */
export interface ErrorSite {
	itemIndex: number;
	/** What the node makes. */
	makes: Makes;
	/** The token and the item's prompts. */
	privateTexts: string[];
}

/**
 * The texts of an error, plain and without what must stay secret. Errors that are not ours (an
 * expression that fails, say) keep their message.
 */
export function errorWords(
	context: Pick<IExecuteFunctions, 'getNode'>,
	error: unknown,
	{ makes, privateTexts }: ErrorSite,
): Partial<ErrorText> & Pick<ErrorText, 'message'> {
	if (!(error instanceof RunComfyError)) {
		const message = error instanceof Error ? error.message : String(error);
		return { message: redact(message, privateTexts) };
	}
	const { detail } = error.facts;
	const foreign = detail !== undefined && error.kind !== 'invalidInput';
	const facts = { ...error.facts, ...(foreign && { detail: redact(detail, privateTexts) }) };
	const words = errorText(error.kind, facts, makes);
	if (!isAgentTool(context.getNode())) return words;
	return { ...words, message: messageForModel(words.message, error) };
}

/**
 * The one place where an error becomes n8n's, with the item it belongs to: a `NodeApiError` when a
 * server answered, whose HTTP status n8n then shows, and otherwise a `NodeOperationError`.
 */
export function toNodeError(
	context: Pick<IExecuteFunctions, 'getNode'>,
	error: unknown,
	site: ErrorSite,
): NodeApiError | NodeOperationError {
	const node = context.getNode();
	const { message, description: text } = errorWords(context, error, site);
	const { itemIndex } = site;
	const description = text === undefined ? undefined : asHtml(text);
	const httpStatus = error instanceof RunComfyError ? error.facts.httpStatus : undefined;
	if (httpStatus === undefined || httpStatus < 400) {
		return new NodeOperationError(node, message, { description, itemIndex });
	}
	const httpCode = String(httpStatus);
	return new NodeApiError(node, {}, { message, description, httpCode, itemIndex });
}
