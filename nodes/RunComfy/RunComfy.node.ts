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
import { getPrice } from './editor/chosenModel';
import { getInputs } from './editor/getInputs';
import { searchModels } from './editor/searchModels';
import { inputFields } from './inputFields';
import { openInput } from './readInput';

/** They say nothing of what to generate: one shows a price, one turns a check off. */
const ASIDE = ['price', 'checkInputs'];

const node: MediaNode = {
	makes: 'media',
	inputFields: inputFields.filter(({ name }) => !ASIDE.includes(name)),
	alwaysGivesFiles: false,
	open: (run) => ({ readInput: openInput(run) }),
};

export class RunComfy implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'RunComfy',
		name: 'runComfy',
		icon: { light: 'file:../../icons/runcomfy.svg', dark: 'file:../../icons/runcomfy.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle,
		description: 'Generate images, videos and audio with any of RunComfy’s models',
		defaults: { name: 'RunComfy' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'runComfyApi', required: true, testedBy: 'testCredential' }],
		properties: formWith(node, inputFields),
	};

	methods = {
		credentialTest: { testCredential },
		listSearch: { searchModels },
		loadOptions: { getPrice },
		resourceMapping: { getInputs },
	};

	async execute(this: IExecuteFunctions): Promise<NodeOutput> {
		return await runItems(this, node);
	}
}
