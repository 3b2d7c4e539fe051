import type { IDisplayOptions } from 'n8n-workflow';

/** The values of the operation field: stable, because saved workflows have them. */
export type OperationName = 'generate' | 'submit' | 'getStatus' | 'getResult' | 'cancel';

/** Shows a field for these operations only, and when other fields have these values. */
export function showFor(
	operations: OperationName[],
	also: NonNullable<IDisplayOptions['show']> = {},
): IDisplayOptions {
	return { show: { operation: operations, ...also } };
}
