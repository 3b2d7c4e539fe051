import { cancel } from './cancel';
import { generate } from './generate';
import { getResult } from './getResult';
import { getStatus } from './getStatus';
import type { Operation } from './operation';
import { submit } from './submit';

/** Everything the node can do; the list of options and the dispatch are derived from it. */
export const operations: Operation[] = [generate, submit, getStatus, getResult, cancel];

/** @param name a value of the operation field */
export function operationNamed(name: string): Operation {
	return operations.find(({ option }) => option.value === name) ?? generate;
}
