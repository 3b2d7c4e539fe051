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
import {
	cancelCollectedOption,
	cancelSubmittedOption,
	maximumSubmitTimeOption,
	maximumWaitOption,
} from '../shared/operations/waiting';
import { getInputs } from './editor/getInputs';
import { searchDeployments } from './editor/searchDeployments';
import { inputFields } from './inputFields';
import { openDeployment } from './openDeployment';

const CANCELS =
	'Whether to cancel the request in RunComfy when the execution is stopped or times out. A running one is cancelled too, for it goes on using machine time.';

const node: MediaNode = {
	makes: 'output',
	inputFields,
	alwaysGivesFiles: false,
	target: 'deployment',
	changes: new Map([
		[
			maximumWaitOption,
			{
				default: 60,
				description:
					"How long to wait for the result. A machine that is not running takes 3 to 7 minutes to start. After the wait the item fails with the request ID; the request continues, and 'Get Request Result' collects it.",
			},
		],
		[maximumSubmitTimeOption, { default: 60 }],
		[cancelSubmittedOption, { description: CANCELS }],
		[cancelCollectedOption, { description: CANCELS }],
	]),
	open: openDeployment,
};

export class RunComfyDeployment implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'RunComfy Deployment',
		name: 'runComfyDeployment',
		icon: {
			light: 'file:../../icons/runcomfy-deployment.svg',
			dark: 'file:../../icons/runcomfy-deployment.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle,
		description: 'Run your own ComfyUI workflow on RunComfy’s machines',
		defaults: { name: 'RunComfy Deployment' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'runComfyApi', required: true, testedBy: 'testCredential' }],
		properties: formWith(node, inputFields),
	};

	methods = {
		credentialTest: { testCredential },
		listSearch: { searchDeployments },
		resourceMapping: { getInputs },
	};

	async execute(this: IExecuteFunctions): Promise<NodeOutput> {
		return await runItems(this, node);
	}
}
