import type { INodeExecutionData } from 'n8n-workflow';
import { RunComfyError, type ErrorFacts, type ErrorKind } from '../api/errors';
import type { RequestAddress } from '../api/routes';
import type { ItemError } from '../errors/nodeErrors';

const MOST_NAMES_IN_ERROR = 20;

export type Outcome = { items: INodeExecutionData[] } | ItemError;

export function isFailure(outcome: object): outcome is ItemError {
	return 'error' in outcome;
}

/** The first item whose own error ended the run; the others only say that they were stopped by it. */
export function firstFailure(outcomes: Outcome[]): ItemError | undefined {
	const failures = outcomes.filter(isFailure);
	return failures.find(({ error }) => !isKind(error, 'stopped')) ?? failures[0];
}

/** @param addresses of all requests of the run */
export function withOthers(
	failure: ItemError,
	outcomes: Outcome[],
	addresses: RequestAddress[],
): ItemError {
	const { error, known } = failure;
	const others = outcomes.filter(isFailure).filter((other) => other !== failure);
	const unknown = others.filter((other) => isKind(other.error, 'outcomeUnknown'));
	const facts: ErrorFacts = { ...known, ...(error instanceof RunComfyError && error.facts) };
	return {
		...failure,
		known: {
			...known,
			alsoRunning: shortened(
				addresses.filter(({ requestId }) => requestId !== facts.requestId).map(nameOf),
			),
			alsoUnknown: shortened(unknown.map((other) => `item ${other.itemIndex}`)),
		},
	};
}

/** With all that collects it: each item can have a deployment of its own. */
function nameOf({ requestId, deploymentId }: RequestAddress): string {
	return deploymentId === undefined ? requestId : `${requestId} (deployment ${deploymentId})`;
}

function shortened(names: string[]): string[] {
	const more = names.length - MOST_NAMES_IN_ERROR;
	const shown = names.slice(0, MOST_NAMES_IN_ERROR);
	return more > 0 ? [...shown, `and ${more} more in the log of n8n`] : shown;
}

function isKind(error: unknown, kind: ErrorKind): boolean {
	return error instanceof RunComfyError && error.kind === kind;
}
