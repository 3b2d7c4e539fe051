import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type NodeOutput,
} from 'n8n-workflow';
import { testCredential } from '../shared/connection/testCredential';
import { formWith, subtitle } from '../shared/operations/operations';
import type { MediaNode } from '../shared/operations/run';
import { runItems } from '../shared/operations/runItems';
import { getPrice } from './getPrice';
import { inputFields } from './inputFields';
import { readInput } from './readInput';

const node: MediaNode = {
	makes: 'video',
	// The price says nothing of what to generate.
	inputFields: inputFields.filter(({ name }) => name !== 'price'),
	alwaysGivesFiles: true,
	open: () => ({ readInput }),
};

export class KlingVideo implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kling Video',
		name: 'klingVideo',
		icon: {
			light: 'file:../../icons/kling-video.svg',
			dark: 'file:../../icons/kling-video.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle,
		description: 'Generate Kling 3.0 videos from text or an image with RunComfy',
		defaults: { name: 'Kling Video' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'runComfyApi', required: true, testedBy: 'testCredential' }],
		properties: formWith(node, inputFields),
	};

	methods = { credentialTest: { testCredential }, loadOptions: { getPrice } };

	async execute(this: IExecuteFunctions): Promise<NodeOutput> {
		return await runItems(this, node);
	}
}
