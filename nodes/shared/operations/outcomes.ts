import type { INodeExecutionData } from 'n8n-workflow';
import { RunComfyError, type ErrorKind } from '../api/errors';
import type { ItemError } from '../errors/nodeErrors';
import type { RunRequests } from '../requests/runRequests';

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

export function withOthers(
	{ error, itemIndex }: ItemError,
	outcomes: Outcome[],
	requests: RunRequests,
): unknown {
	if (!(error instanceof RunComfyError)) return error;
	const others = outcomes.filter(isFailure).filter((failure) => failure.itemIndex !== itemIndex);
	const unknown = others.filter((failure) => isKind(failure.error, 'outcomeUnknown'));
	return error.with({
		alsoRunning: shortened(requests.idsExceptOf(itemIndex)),
		alsoUnknown: shortened(unknown.map((failure) => `item ${failure.itemIndex}`)),
	});
}

function shortened(names: string[]): string[] {
	const more = names.length - MOST_NAMES_IN_ERROR;
	const shown = names.slice(0, MOST_NAMES_IN_ERROR);
	return more > 0 ? [...shown, `and ${more} more in the log of n8n`] : shown;
}

function isKind(error: unknown, kind: ErrorKind): boolean {
	return error instanceof RunComfyError && error.kind === kind;
}
