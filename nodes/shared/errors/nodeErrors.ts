import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';
import { RunComfyError, type ErrorFacts, type ErrorKind } from '../api/errors';
import { isAgentTool, messageForModel } from './agentTool';
import { asHtml } from './descriptionHtml';
import { errorText, othersText, type ErrorText } from './errorText';
import { redact } from './redact';

export interface ItemError {
	itemIndex: number;
	error: unknown;
	/** The user's own texts, which must not appear in an error. */
	prompts: string[];
	/** What the run knows beside the error. */
	known?: ErrorFacts | undefined;
}

/** The one place where errors become n8n's. */
export class NodeErrors {
	constructor(
		private readonly context: Pick<IExecuteFunctions, 'getNode'>,
		private readonly media: string,
	) {}

	/** Errors that are not ours (an expression that fails, say) keep their message. */
	words(failure: ItemError): Pick<ErrorText, 'message'> & Partial<ErrorText> {
		const { error, prompts } = failure;
		const known = factsOf(failure);
		if (!(error instanceof RunComfyError)) {
			const message = error instanceof Error ? error.message : String(error);
			const id = known.requestId && `Request ID: ${known.requestId}`;
			const description = [id, ...othersText(known)].filter(Boolean).join('\n');
			return { message: redact(message, prompts), ...(description && { description }) };
		}
		const facts = redacted(error.kind, known, prompts);
		const words = errorText(error.kind, facts, this.media);
		if (!isAgentTool(this.context.getNode())) return words;
		return { ...words, message: messageForModel(words.message, error.with(known)) };
	}

	/** A `NodeApiError` when a server answered, whose HTTP status n8n then shows; otherwise a `NodeOperationError`. */
	toNodeError(failure: ItemError): NodeApiError | NodeOperationError {
		const node = this.context.getNode();
		const { itemIndex } = failure;
		const { message, description: text } = this.words(failure);
		const description = text === undefined ? {} : { description: asHtml(text) };
		const { httpStatus } = factsOf(failure);
		if (httpStatus === undefined || httpStatus < 400) {
			return new NodeOperationError(node, message, { ...description, itemIndex });
		}
		const httpCode = String(httpStatus);
		return new NodeApiError(node, {}, { message, ...description, httpCode, itemIndex });
	}

	/**
	 * For both forms of Continue On Fail. n8n sends an item to the error output only when its json holds no
	 * other keys than `error`, `message` and `details` (2.36 and later), or when it has an `error` beside `json`,
	 * which then costs it all of its json: so only the regular output gets `request_id` and `url` on top.
	 */
	toItem(failure: ItemError): INodeExecutionData {
		const { itemIndex, error } = failure;
		const nodeError = this.toNodeError(failure);
		const { requestId, url, status, result } =
			error instanceof RunComfyError
				? redacted(error.kind, factsOf(failure), failure.prompts)
				: factsOf(failure);
		const ids = { ...(requestId && { request_id: requestId }), ...(url && { url }) };
		const details: IDataObject = {
			...ids,
			...(status && { status }),
			...(result && { output: result }),
			reason: error instanceof RunComfyError ? error.kind : 'error',
			description: this.words(failure).description,
		};
		const toErrorOutput = this.context.getNode().onError === 'continueErrorOutput';
		const item: INodeExecutionData = {
			json: { error: nodeError.message, ...(!toErrorOutput && ids), details },
			pairedItem: { item: itemIndex },
		};
		// For n8n before 2.36: it sees this and sends the item to the error output, as a copy, in which a
		// property that is not enumerable is gone, so that json stays.
		if (toErrorOutput) Object.defineProperty(item, 'error', { value: nodeError });
		return item;
	}
}

/** The facts of an error without the user's own texts, which RunComfy may quote. */
function redacted(kind: ErrorKind, facts: ErrorFacts, prompts: string[]): ErrorFacts {
	const { detail, result } = facts;
	const inJson = prompts.map((prompt) => JSON.stringify(prompt).slice(1, -1));
	return {
		...facts,
		...(detail !== undefined && kind !== 'invalidInput' && { detail: redact(detail, prompts) }),
		...(result !== undefined && { result: redact(result, [...prompts, ...inJson]) }),
	};
}

function factsOf({ error, known }: ItemError): ErrorFacts {
	return { ...known, ...(error instanceof RunComfyError && error.facts) };
}
