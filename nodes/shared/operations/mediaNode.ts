import type { IExecuteFunctions } from 'n8n-workflow';

/** What to generate, checked. */
export interface ModelInput {
	model: string;
	/** The input as it will be sent, unless there is a `load`. */
	input: object;
	/**
	 * Gives the input as it will be sent, with its files, which are held neither before nor afterwards.
	 *
	 * Rejects with a RunComfyError `invalidInput` when a file is no longer what was checked.
	 */
	load?(): Promise<object>;
	/** What tells the files of the input from others. */
	references?: string[];
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
	 * Rejects with a RunComfyError `invalidInput`, naming every fault.
	 */
	readInput(context: IExecuteFunctions, itemIndex: number): Promise<ModelInput>;
}
