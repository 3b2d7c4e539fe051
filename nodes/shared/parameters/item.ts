import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

/** One item of a run: what came in, and the node's parameters as they are for it. */
export class Item {
	constructor(
		readonly context: IExecuteFunctions,
		readonly index: number,
	) {}

	/**
	 * A parameter with its expressions resolved for this item. n8n checks hardly any, so it can be anything.
	 *
	 * @param name may lead into a collection, e.g. `inputs.value`
	 * @param fallback for a parameter that the form does not show
	 */
	value(name: string, fallback?: unknown): unknown {
		return this.context.getNodeParameter(name, this.index, fallback) as unknown;
	}

	/** A parameter as the workflow holds it, its expressions as text: the same for all items. */
	raw(name: string): unknown {
		return this.context.getNode().parameters[name];
	}

	get json(): IDataObject {
		return this.context.getInputData()[this.index]?.json ?? {};
	}
}
