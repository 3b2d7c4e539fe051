import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { ModelInput } from '../inputs/prepareInput';
import type { Item } from '../parameters/item';
import type { ReadInput } from './mediaNode';
import type { OptionValues } from './optionValue';
import type { Run } from './run';
import type { OperationName } from './showFor';

export interface ItemTask {
	/** What it pays for, unless it pays for nothing. */
	input?: ModelInput;
	/** Rejects with a `RunComfyError` that carries the request id once there is one. */
	run(run: Run): Promise<INodeExecutionData[]>;
}

/** One thing that a node can do. */
export interface Operation {
	value: OperationName;
	/** Its label, which errors quote. */
	name: string;
	words(media: string): { action: string; description: string };
	options: INodeProperties[];
	/** Reads and checks the fields of one item, and sends nothing. Rejects with `invalidInput`. */
	prepare(item: Item, options: OptionValues, readInput: ReadInput): ItemTask | Promise<ItemTask>;
}
