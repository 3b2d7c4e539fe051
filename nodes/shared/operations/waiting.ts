import type { INodeProperties } from 'n8n-workflow';
import { readSwitch } from '../parameters/values';
import type { WaitingOptions } from '../requests/waitForCompletion';
import type { OptionValues } from './operation';
import { readNumber } from './options';

const MAXIMUM_WAIT = 'Maximum Wait (Minutes)';

export const cancelSubmittedOption: INodeProperties = {
	displayName: 'Cancel on Stop',
	name: 'cancelOnStop',
	type: 'boolean',
	default: true,
	description:
		'Whether to cancel the request in RunComfy when the execution is stopped or times out. Only a queued request can be cancelled; a running one finishes and is charged.',
};

/** Of an operation that collects what another one has submitted. */
export const cancelCollectedOption: INodeProperties = {
	...cancelSubmittedOption,
	default: false,
	description:
		'Whether to cancel the request in RunComfy when the execution is stopped or times out. Only a queued request can be cancelled.',
};

const maximumWait = (description: string): INodeProperties => ({
	displayName: MAXIMUM_WAIT,
	name: 'maximumWaitMinutes',
	type: 'number',
	default: 30,
	description,
});

export const maximumSubmitTimeOption = maximumWait(
	'How long to keep trying to submit while RunComfy is limiting requests. After that the item fails, and nothing is started.',
);

export const maximumWaitOption = maximumWait(
	"How long to wait for the result. After that the item fails with the request ID; the request continues, and 'Get Request Result' collects it.",
);

export const pollIntervalOption: INodeProperties = {
	displayName: 'Poll Interval (Seconds)',
	name: 'pollIntervalSeconds',
	type: 'number',
	default: 1,
	description:
		'How long to wait between status checks at first. The longer a request takes, the longer the waits, up to 10 seconds.',
};

export function readWaiting(options: OptionValues): WaitingOptions {
	const { pollIntervalSeconds } = options;
	const pollIntervalS = readNumber(
		'Poll Interval (Seconds)',
		pollIntervalSeconds,
		'a number of at least 0.5',
		(seconds) => seconds >= 0.5,
	);
	return {
		...readSubmitting(options),
		pollIntervalMs: 1_000 * pollIntervalS,
	};
}

export function readSubmitting(
	options: OptionValues,
): Pick<WaitingOptions, 'maximumWaitMs' | 'cancelOnStop'> {
	const { maximumWaitMinutes, cancelOnStop: cancels } = options;
	const isRight = (minutes: number) => minutes >= 0;
	return {
		maximumWaitMs:
			60_000 * readNumber(MAXIMUM_WAIT, maximumWaitMinutes, 'a number of at least 0', isRight),
		cancelOnStop: readSwitch(cancelSubmittedOption.displayName, cancels),
	};
}
