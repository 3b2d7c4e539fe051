import type { INodeProperties } from 'n8n-workflow';
import { capital } from '../errors/errorText';
import type { DeliveryOptions } from '../media/deliver';
import { parseHosts } from '../media/openMedia';
import type { Item } from '../parameters/item';
import { readSwitch } from '../parameters/values';
import { showFor, type OptionValues } from './operation';
import { readFieldName, readNumber, readOptionalText } from './options';

export const downloadField = (media: string): INodeProperties => ({
	displayName: `Download ${capital(media)}`,
	name: 'downloadMedia',
	type: 'boolean',
	default: true,
	displayOptions: showFor(['generate', 'getResult']),
	description: `Whether to output the ${media} as binary data. When off, only the URL is returned.`,
});

export const deliveryOptions: INodeProperties[] = [
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.title }}',
		description: 'Name of the file. The right extension is added. Defaults to the request ID.',
	},
	{
		displayName: 'Put Output File in Field',
		name: 'outputBinaryField',
		type: 'string',
		default: 'data',
		hint: 'The name of the output binary field to put the file in',
	},
	{
		displayName: 'Maximum File Size (MB)',
		name: 'maximumFileSizeMb',
		type: 'number',
		default: 2048,
		description: 'A larger file is not downloaded; the error has its URL',
	},
	{
		displayName: 'Allowed Download Hosts',
		name: 'allowedDownloadHosts',
		type: 'string',
		default: '',
		placeholder: 'e.g. media.example.com, cdn.example.org',
		description:
			"More hosts that files may be downloaded from, separated by commas, with their subdomains. RunComfy's own hosts and the host of the credential are always allowed.",
	},
];

export function readDelivery(item: Item, options: OptionValues): DeliveryOptions {
	const { outputBinaryField, fileName, allowedDownloadHosts, maximumFileSizeMb } = options;
	const isPositive = (megabytes: number) => megabytes > 0;
	return {
		downloadMedia: readSwitch('Download', item.value('downloadMedia')),
		outputBinaryField: readFieldName('Put Output File in Field', outputBinaryField),
		fileName: readOptionalText('File Name', fileName),
		allowedHosts: parseHosts(readOptionalText('Allowed Download Hosts', allowedDownloadHosts)),
		maximumBytes:
			1_000_000 *
			readNumber('Maximum File Size (MB)', maximumFileSizeMb, 'a number above 0', isPositive),
	};
}
