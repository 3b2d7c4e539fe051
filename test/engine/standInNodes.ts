import {
	NodeConnectionTypes,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
} from 'n8n-workflow';

/** What a stand-in makes of one item: for each of its outputs, items that are linked to it. */
type Work = (context: IExecuteFunctions, itemIndex: number) => INodeExecutionData[][];

interface StandIn {
	group?: 'trigger' | 'transform';
	outputs?: number;
	/** The engine drops parameters that a node does not declare. */
	properties?: INodeProperties[];
}

const parameter = (name: string): INodeProperties => ({
	displayName: name,
	name,
	type: 'json',
	default: '',
});

function standIn(name: string, work: Work, more: StandIn = {}): [string, INodeType] {
	const { group = 'transform', outputs = 1, properties = [] } = more;
	const type: INodeType = {
		description: {
			displayName: name,
			name,
			group: [group],
			version: 1,
			description: name,
			defaults: { name },
			inputs: group === 'trigger' ? [] : [NodeConnectionTypes.Main],
			outputs: Array.from({ length: outputs }, () => NodeConnectionTypes.Main),
			properties,
		},
		async execute(this: IExecuteFunctions) {
			const each = this.getInputData().map((_, itemIndex) => work(this, itemIndex));
			return Array.from({ length: outputs }, (_, output) =>
				each.flatMap((items, item) =>
					items[output].map((one) => ({ ...one, pairedItem: { item } })),
				),
			);
		},
	};
	return [`n8n-nodes-base.${name}`, type];
}

const passOn: Work = (context, itemIndex) => [[context.getInputData()[itemIndex]]];

/** Edit Fields: the JSON that is given, or named fields; all else only when told to keep it. */
const edit: Work = (context, itemIndex) => {
	const { json, binary } = context.getInputData()[itemIndex];
	if (context.getNodeParameter('mode', itemIndex) === 'raw') {
		const raw = context.getNodeParameter('jsonOutput', itemIndex) as string;
		return [[{ json: JSON.parse(raw) as IDataObject }]];
	}
	const assignments = context.getNodeParameter('assignments.assignments', itemIndex) as Array<{
		name: string;
		value: string;
	}>;
	const fields = Object.fromEntries(assignments.map(({ name, value }) => [name, value]));
	const keeps = context.getNodeParameter('includeOtherFields', itemIndex);
	return [[{ json: { ...(keeps && json), ...fields }, ...(keeps && binary && { binary }) }]];
};

/** Split Out: an item for each entry of a list. */
const split: Work = (context, itemIndex) => {
	const field = context.getNodeParameter('fieldToSplitOut', itemIndex) as string;
	const entries = context.getInputData()[itemIndex].json[field] as Array<IDataObject | string>;
	return [
		entries.map((entry) => ({ json: typeof entry === 'object' ? entry : { [field]: entry } })),
	];
};

/** If: n8n's own filter, whose verdict the engine works out. */
const decide: Work = (context, itemIndex) => {
	const [items] = passOn(context, itemIndex);
	const verdict = context.getNodeParameter('conditions', itemIndex, false, { extractValue: true });
	return verdict ? [items, []] : [[], items];
};

const conditions: INodeProperties = {
	displayName: 'Conditions',
	name: 'conditions',
	type: 'filter',
	default: {},
	typeOptions: { filter: { caseSensitive: true, typeValidation: 'strict', version: 2 } },
};

/**
 * What nodes of n8n's own packages do for the workflows in which ours is tested: n8n-nodes-base is no
 * part of n8n-core. Nodes that talk to somebody outside pass their items on. In the end-to-end tests
 * the real ones run.
 */
export const standInNodes: Record<string, INodeType> = Object.fromEntries([
	...['manualTrigger', 'scheduleTrigger', 'formTrigger'].map((name) =>
		standIn(name, passOn, { group: 'trigger' }),
	),
	...['noOp', 'wait', 'dataTable', 'extractFromFile', 'telegram', 'stickyNote'].map((name) =>
		standIn(name, passOn),
	),
	standIn('set', edit, {
		properties: ['mode', 'jsonOutput', 'assignments', 'includeOtherFields'].map(parameter),
	}),
	standIn('splitOut', split, { properties: [parameter('fieldToSplitOut')] }),
	standIn('if', decide, { outputs: 2, properties: [conditions] }),
]);
