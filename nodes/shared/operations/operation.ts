import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { Item } from '../parameters/item';
import type { ReadInput } from './mediaNode';
import type { OptionValues } from './optionValue';
import type { Run } from './run';
import type { OperationName } from './showFor';

/** What an operation does for one item, once its fields are read and checked. */
export interface ItemTask {
	/** Texts of the user's own that must not appear in an error. */
	prompts?: string[];
	/** Does it. Rejects with a `RunComfyError` that carries the request id once there is one. */
	run(run: Run): Promise<INodeExecutionData[]>;
}

/** One thing that a node can do. */
export interface Operation {
	value: OperationName;
	/** Its label, which errors quote. */
	name: string;
	/**
	 * How the list of actions and the form describe it.
	 *
	 * @param media what the node makes
	 */
	words(media: string): { action: string; description: string };
	/** What its form offers in Options. */
	options: INodeProperties[];
	/**
	 * Reads and checks the fields of one item. It sends nothing: all items are prepared before the
	 * first one runs.
	 *
	 * @throws RunComfyError `invalidInput`, or rejects with it
	 */
	prepare(item: Item, options: OptionValues, readInput: ReadInput): ItemTask | Promise<ItemTask>;
}
