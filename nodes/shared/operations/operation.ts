import type {
	IDataObject,
	IDisplayOptions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';
import { withoutDataUris } from '../api/dataUri';
import type { ReplyBody } from '../api/replies';
import type { RequestAddress, Target } from '../api/routes';
import type { ModelInput } from '../inputs/prepareInput';
import type { Item } from '../parameters/item';
import type { RequestIdentity } from '../requests/requestMemory';
import type { Run } from './run';

/** The values of the operation field: stable, because saved workflows have them. */
export type OperationName = 'generate' | 'submit' | 'getStatus' | 'getResult' | 'cancel';

export type OptionValues = Record<string, unknown>;

export interface PaidInput extends ModelInput {
	identity: RequestIdentity;
}

export interface ItemTask {
	/** What it pays for, unless it pays for nothing. */
	input?: PaidInput;
	/** Rejects with a `RunComfyError` that carries the request id once there is one. */
	run(run: Run): Promise<INodeExecutionData[]>;
}

export interface ItemReader {
	readInput(item: Item): Promise<PaidInput>;
	readAddress(item: Item): RequestAddress;
}

export interface Operation {
	value: OperationName;
	/** Whether it is about a request that there is already. */
	ofRequest: boolean;
	/** Its label, which errors quote. */
	name: string;
	words(media: string, target: Target): { action: string; description: string };
	options: INodeProperties[];
	/** Reads and checks the fields of one item, and sends nothing. Rejects with `invalidInput`. */
	prepare(item: Item, options: OptionValues, read: ItemReader): ItemTask | Promise<ItemTask>;
}

/** Shows a field for these operations only, and when other fields have these values. */
export function showFor(
	operations: OperationName[],
	also: NonNullable<IDisplayOptions['show']> = {},
): IDisplayOptions {
	return { show: { operation: operations, ...also } };
}

/** Its `error` is called `failure`: n8n (2.41.1) runs a node again for an `error` in its first item. */
export function replyItem(
	{ error, ...body }: ReplyBody,
	{ deploymentId }: RequestAddress,
	itemIndex: number,
): INodeExecutionData {
	const failed = error !== undefined && error !== null;
	return {
		json: withoutDataUris({
			...body,
			...(deploymentId !== undefined && { deployment_id: deploymentId }),
			...(failed && { failure: error }),
		}) as IDataObject,
		pairedItem: { item: itemIndex },
	};
}
