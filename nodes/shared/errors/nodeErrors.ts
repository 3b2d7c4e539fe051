import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';
import { RunComfyError, type ErrorFacts, type ErrorKind } from '../api/errors';
import { isAgentTool, messageForModel } from './agentTool';
import type { Target } from '../api/routes';
import { asHtml, errorText, othersText } from './errorText';
import { redact, redactFacts } from './redact';

export interface ItemError {
	itemIndex: number;
	error: unknown;
	/** The user's own texts, which must not appear in an error. */
	prompts: string[];
	known?: ErrorFacts | undefined;
}

export interface ErrorWords {
	message: string;
	description: string | undefined;
	/** An error kind, or `error` for an error that is not ours. */
	reason: ErrorKind | 'error';
	/** Without the user's own texts, which RunComfy may quote. */
	facts: ErrorFacts;
}

/** The one place where errors become n8n's. */
export class NodeErrors {
	constructor(
		private readonly context: Pick<IExecuteFunctions, 'getNode'>,
		private readonly media: string,
		private readonly target: Target = 'model',
	) {}

	/** Errors that are not ours (an expression that fails, say) keep their message. */
	words({ error, prompts, known = {} }: ItemError): ErrorWords {
		if (!(error instanceof RunComfyError)) {
			const message = redact(error instanceof Error ? error.message : String(error), prompts);
			const id = known.requestId && `Request ID: ${known.requestId}`;
			const description = [id, ...othersText(known, this.target)].filter(Boolean).join('\n');
			return { message, description: description || undefined, reason: 'error', facts: known };
		}
		const full = error.with(known);
		// What is wrong with an input is said in words of ours.
		const isOurs = error.kind === 'invalidInput';
		const facts = isOurs ? full.facts : redactFacts(full.facts, prompts);
		const { message, description } = errorText(error.kind, facts, this.media, this.target);
		const isTool = isAgentTool(this.context.getNode());
		return {
			message: isTool ? messageForModel(message, full, this.target) : message,
			description,
			reason: error.kind,
			facts,
		};
	}

	toNodeError(failure: ItemError): NodeApiError | NodeOperationError {
		return this.#nodeError(this.words(failure), failure.itemIndex);
	}

	/**
	 * For both forms of Continue On Fail. n8n sends an item to the error output only when its json holds no
	 * other keys than `error`, `message` and `details` (2.36 and later), or when it has an `error` beside `json`,
	 * which then costs it all of its json: so only the regular output gets `request_id` and `url` on top.
	 */
	toItem(failure: ItemError): INodeExecutionData {
		const { itemIndex } = failure;
		const words = this.words(failure);
		const nodeError = this.#nodeError(words, itemIndex);
		const { requestId, deploymentId, url, status, result, costUsd } = words.facts;
		const ids = {
			...(requestId && { request_id: requestId }),
			...(deploymentId && { deployment_id: deploymentId }),
			...(url && { url }),
		};
		const details: IDataObject = {
			...ids,
			...(status && { status }),
			...(costUsd !== undefined && { cost: costUsd }),
			...(result && { output: result }),
			reason: words.reason,
			description: words.description,
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

	/** A `NodeApiError` when a server answered, whose HTTP status n8n then shows. */
	#nodeError(
		{ message, description: text, facts }: ErrorWords,
		itemIndex: number,
	): NodeApiError | NodeOperationError {
		const node = this.context.getNode();
		const description = text === undefined ? {} : { description: asHtml(text) };
		if (facts.httpStatus === undefined || facts.httpStatus < 400) {
			return new NodeOperationError(node, message, { ...description, itemIndex });
		}
		const httpCode = String(facts.httpStatus);
		return new NodeApiError(node, {}, { message, ...description, httpCode, itemIndex });
	}
}
