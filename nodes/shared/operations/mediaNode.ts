import type { IExecuteFunctions } from 'n8n-workflow';

/** What to generate, checked: the model and the input as it will be sent. */
export interface ModelInput {
	model: string;
	input: object;
	/** The prompts in the input, which stay out of errors. */
	prompts: string[];
}

/** What makes a node its own when it runs: its fields, and how an item becomes the input of a model. */
export interface MediaNode {
	/** The names of the fields that say what to generate. */
	inputFields: string[];
	/**
	 * Reads model and input of one item from the node's own fields.
	 *
	 * @throws RunComfyError `invalidInput`, naming every fault
	 */
	readInput(context: IExecuteFunctions, itemIndex: number): ModelInput;
}
