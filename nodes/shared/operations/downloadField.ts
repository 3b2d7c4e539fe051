import type { INodeProperties } from 'n8n-workflow';
import type { Makes } from '../errors/errorText';
import { showFor } from './showFor';

/** Whether the files come as binary data. */
export const downloadField = (makes: Makes): INodeProperties => ({
	displayName: makes === 'video' ? 'Download Video' : 'Download Media',
	name: 'downloadMedia',
	type: 'boolean',
	default: true,
	displayOptions: showFor(['generate', 'getResult']),
	description: `Whether to output the ${makes} as binary data. When off, only the URL is returned.`,
});
