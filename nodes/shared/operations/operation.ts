import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { Item } from '../parameters/item';
import type { ReadInput } from './mediaNode';
import type { OptionValues } from './optionValue';
import type { Run } from './run';
import type { OperationName } from './showFor';

/** What is to be done for one item, whose fields are right. */
export interface ItemTask {
	/** They stay out of errors. */
	prompts?: string[];
	/** Rejects with a `RunComfyError` that carries the request id once there is one. */
	run(run: Run): Promise<INodeExecutionData[]>;
}

/** One thing that a node can do. */
export interface Operation {
	value: OperationName;
	/** Its label, which errors quote. */
	name: string;
	/** @param media what the node makes, as its texts call it */
	words(media: string): { action: string; description: string };
	options: INodeProperties[];
	/** Reads and checks the fields of one item, and sends nothing. Rejects with `invalidInput`. */
	prepare(item: Item, options: OptionValues, readInput: ReadInput): ItemTask | Promise<ItemTask>;
}
