import type { IExecuteFunctions } from 'n8n-workflow';
import { RunComfyError } from '../api/errors';
import type { DeliveryOptions } from '../media/deliver';
import { parseHosts } from '../media/mediaUrl';
import type { WaitingOptions } from '../orders/waitForCompletion';
import { OPTION_DEFAULTS } from './optionFields';

/** @throws RunComfyError `invalidInput` */
export function readWaiting(context: IExecuteFunctions, itemIndex: number): WaitingOptions {
	const options = readOptions(context, itemIndex);
	return {
		maximumWaitMs: 60_000 * numberFrom(0, 'Maximum Wait (Minutes)', options.maximumWaitMinutes),
		leastPollMs: 1_000 * numberFrom(0.5, 'Poll Interval (Seconds)', options.pollIntervalSeconds),
		includeCost: flag('Include Cost', options.includeCost),
		cancelOnStop: flag('On Stop: Cancel the Queued Request', options.cancelOnStop),
	};
}

/** @throws RunComfyError `invalidInput` */
export function readDelivery(context: IExecuteFunctions, itemIndex: number): DeliveryOptions {
	const options = readOptions(context, itemIndex);
	const field = String(options.outputBinaryField).trim();
	if (!field || field.includes('.'))
		throw invalid('Output Binary Field must be a name without dots');
	return {
		downloadMedia: flag('Download Media', options.downloadMedia),
		outputBinaryField: field,
		fileName: String(options.fileName ?? ''),
		allowedHosts: parseHosts(String(options.allowedDownloadHosts ?? '')),
		maximumBytes: 1_000_000 * numberFrom(0, 'Maximum File Size (MB)', options.maximumFileSizeMb),
	};
}

/**
 * The largest number of items to work on at the same time. n8n runs a node once for all its items, so
 * the first item decides.
 *
 * @throws RunComfyError `invalidInput`
 */
export function readMaxConcurrency(context: IExecuteFunctions): number {
	const { maxConcurrency } = readOptions(context, 0);
	const value = numberFrom(1, 'Max Concurrency', maxConcurrency);
	if (!Number.isInteger(value)) throw invalid('Max Concurrency must be a whole number');
	return value;
}

/** @throws RunComfyError `invalidInput` */
export function readRequestId(context: IExecuteFunctions, itemIndex: number): string {
	const value: unknown = context.getNodeParameter('request_id', itemIndex);
	const requestId = typeof value === 'string' ? value.trim() : '';
	if (!requestId) {
		throw invalid(
			'Request ID is empty: give the ID of a request, or feed in items that have a request_id',
		);
	}
	if (!/^[\w.:-]{1,200}$/.test(requestId) || /^\.+$/.test(requestId)) {
		throw invalid('Request ID holds characters that no request ID has');
	}
	return requestId;
}

function readOptions(context: IExecuteFunctions, itemIndex: number): Record<string, unknown> {
	const set = context.getNodeParameter('options', itemIndex, {});
	return { ...OPTION_DEFAULTS, ...(set as object) };
}

function numberFrom(least: number, name: string, value: unknown): number {
	if (typeof value === 'number' && value >= least && Number.isFinite(value)) return value;
	throw invalid(`${name} must be a number of at least ${least}`);
}

function flag(name: string, value: unknown): boolean {
	if (typeof value === 'boolean') return value;
	throw invalid(`${name} must be true or false`);
}

function invalid(detail: string): RunComfyError {
	return new RunComfyError('invalidInput', { detail });
}
