import { invalidInput } from '../api/errors';
import type { Item } from '../parameters/item';
import type { DeliveryOptions } from '../media/deliver';
import { parseHosts } from '../media/mediaUrl';
import type { WaitingOptions } from '../requests/waitForCompletion';
import { readNumericText } from '../parameters/numericText';
import { optionDefaults } from './optionFields';
import type { OperationName } from './showFor';
import { readSwitch } from '../parameters/readChoice';
import { refuseWholeValue } from '../parameters/wholeValue';
import { isNothing, wrongValue } from '../parameters/wrongValue';

/** @throws RunComfyError `invalidInput` */
export function readWaiting(item: Item): WaitingOptions {
	const options = readOptions(item);
	return {
		maximumWaitMs: 60_000 * numberFrom(0, 'Maximum Wait (Minutes)', options.maximumWaitMinutes),
		leastPollMs: 1_000 * numberFrom(0.5, 'Poll Interval (Seconds)', options.pollIntervalSeconds),
		includeCost: readSwitch('Include Cost', options.includeCost),
		cancelOnStop: readSwitch('Cancel on Stop', options.cancelOnStop),
	};
}

/** @throws RunComfyError `invalidInput` */
export function readDelivery(item: Item): DeliveryOptions {
	const options = readOptions(item);
	const downloadMedia = item.value('downloadMedia');
	return {
		downloadMedia: readSwitch('Download', downloadMedia),
		outputBinaryField: fieldName('Put Output File in Field', options.outputBinaryField),
		fileName: optionalText('File Name', options.fileName),
		allowedHosts: parseHosts(optionalText('Allowed Download Hosts', options.allowedDownloadHosts)),
		maximumBytes: 1_000_000 * numberAbove0('Maximum File Size (MB)', options.maximumFileSizeMb),
	};
}

/**
 * The largest number of items to work on at the same time. n8n runs a node once for all its items, so
 * the first item decides.
 *
 * @throws RunComfyError `invalidInput`
 */
export function readMaximumConcurrency(first: Item): number {
	const { maximumConcurrency } = readOptions(first);
	return numberIf(
		(value) => Number.isInteger(value) && value >= 1,
		'a whole number of at least 1',
		'Maximum Concurrency',
		maximumConcurrency,
	);
}

/** @throws RunComfyError `invalidInput` */
export function readWaitForCompletion(item: Item): boolean {
	return readSwitch('Wait for Completion', item.value('waitForCompletion'));
}

/** @throws RunComfyError `invalidInput` */
export function readRequestId(item: Item): string {
	const value = item.value('requestId');
	if (isNothing(value) || (typeof value === 'string' && value.trim() === '')) {
		throw invalidInput(
			'Request ID is required: enter one, or connect items that have a request_id',
		);
	}
	const isId = typeof value === 'string' || Number.isSafeInteger(value);
	if (!isId) throw invalidInput(`Request ID ${wrongValue(value, 'the ID of a request, as text')}`);
	const requestId = String(value).trim();
	if (!/^[\w.:-]{1,200}$/.test(requestId) || /^\.+$/.test(requestId)) {
		throw invalidInput(
			'Request ID contains invalid characters: enter the ID alone, without quotes or a URL',
		);
	}
	return requestId;
}

function readOptions(item: Item): Record<string, unknown> {
	refuseWholeValue([item.raw('options')], 'Options', 'add the options one by one');
	const operation = item.value('operation') as OperationName;
	const set = item.value('options', {});
	return { ...optionDefaults(operation), ...(set as object) };
}

function numberFrom(least: number, name: string, value: unknown): number {
	return numberIf((number) => number >= least, `a number of at least ${least}`, name, value);
}

function numberAbove0(name: string, value: unknown): number {
	return numberIf((number) => number > 0, 'a number above 0', name, value);
}

function numberIf(
	isGood: (value: number) => boolean,
	rule: string,
	name: string,
	value: unknown,
): number {
	const number = readNumericText(value);
	if (typeof number === 'number' && Number.isFinite(number) && isGood(number)) return number;
	throw invalidInput(`${name} ${wrongValue(value, rule)}`);
}

function fieldName(name: string, value: unknown): string {
	const field = typeof value === 'string' ? value.trim() : '';
	if (field && !field.includes('.')) return field;
	throw invalidInput(`${name} ${wrongValue(field || value, 'a name without dots')}`);
}

/** A text that may be left out, by an expression too. */
function optionalText(name: string, value: unknown): string {
	if (isNothing(value)) return '';
	if (typeof value === 'string' || Number.isFinite(value)) return String(value);
	throw invalidInput(`${name} ${wrongValue(value, 'text')}`);
}
