import type { IExecuteFunctions, INodeExecutionData, INodePropertyOptions } from 'n8n-workflow';
import type { OperationName } from '../fields/showFor';
import type { Session } from '../runtime/session';

/** One thing the node can do. `Order` is what an item asks for, read from its fields and checked. */
export interface Operation<Order extends object = object> {
	option: INodePropertyOptions & { value: OperationName };
	/**
	 * Reads and checks the fields of one item. It sends nothing: all items are prepared before the
	 * first one runs.
	 *
	 * @throws RunComfyError `invalidInput`
	 */
	prepare(context: IExecuteFunctions, itemIndex: number): Order;
	/** Does it. Rejects with a `RunComfyError` that carries the request id once there is one. */
	run(session: Session, order: Order): Promise<INodeExecutionData[]>;
}

/** Keeps the type of the order between `prepare` and `run`, and hides it from the list of operations. */
export function defineOperation<Order extends object>(operation: Operation<Order>): Operation {
	return operation as unknown as Operation;
}
