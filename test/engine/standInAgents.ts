import {
	deepCopy,
	NodeConnectionTypes,
	type EngineRequest,
	type EngineResponse,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
} from 'n8n-workflow';

/** A tool as n8n-core gives it to an agent of version 2. */
interface Tool {
	invoke(args: IDataObject): Promise<string>;
}

const description = (name: string): INodeType['description'] => ({
	displayName: name,
	name,
	group: ['transform'],
	version: 1,
	description: name,
	defaults: { name },
	inputs: [NodeConnectionTypes.Main, NodeConnectionTypes.AiTool],
	outputs: [NodeConnectionTypes.Main],
	properties: [
		{ displayName: 'Turns', name: 'turns', type: 'json', default: '[]' },
		{ displayName: 'Tool', name: 'tool', type: 'string', default: 'Kling Video' },
	],
});

/** The calls of a tool that a model wants: turns one after the other, the calls of a turn at once. */
function turnsOf(context: IExecuteFunctions): IDataObject[][] {
	return JSON.parse(context.getNodeParameter('turns', 0) as string) as IDataObject[][];
}

/**
 * AI agents without their models, which come with a package of their own: they call their tool as n8n's
 * own agents do, and give back what the model would read. Version 2 calls it through n8n-core's
 * function for tools, version 3 asks the engine to run it.
 */
export const standInAgents: Record<string, INodeType> = {
	'stand-in.agentV2': {
		description: description('agentV2'),
		async execute(this: IExecuteFunctions) {
			const tools = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Tool[];
			const read: INodeExecutionData[] = [];
			for (const calls of turnsOf(this)) {
				// What is thrown reaches the model as an empty reply (LangChain's agent executor).
				const answers = calls.map(async (args) => await tools[0].invoke(args).catch(() => ''));
				for (const text of await Promise.all(answers)) read.push({ json: { text } });
			}
			return [read];
		},
	},
	'stand-in.agentV3': {
		description: description('agentV3'),
		async execute(this: IExecuteFunctions, response?: EngineResponse) {
			const { turn = 0, read = [] } = (response?.metadata ?? {}) as {
				turn?: number;
				read?: INodeExecutionData[];
			};
			const answers = (response?.actionResponses ?? []).map(({ data }) => ({
				json: { text: JSON.stringify(data.data?.ai_tool?.[0]?.map(({ json }) => json)) },
			}));
			const turns = turnsOf(this);
			const all = [...read, ...answers];
			if (turn === turns.length) return [all];
			const request: EngineRequest = {
				actions: turns[turn].map((input, call) => ({
					actionType: 'ExecutionNodeAction',
					nodeName: this.getNodeParameter('tool', 0) as string,
					input,
					type: NodeConnectionTypes.AiTool,
					id: `call_${turn}_${call}`,
					metadata: {},
				})),
				metadata: { turn: turn + 1, read: all },
			};
			return request;
		},
	},
};

/** The tool that n8n makes of a node type when it loads it (n8n 2.41.1, tool generation). */
export function asTool(node: INodeType): INodeType {
	const tool: INodeType = Object.create(node) as INodeType;
	tool.description = deepCopy(node.description);
	Object.assign(tool.description, {
		name: `${node.description.name}Tool`,
		inputs: [],
		outputs: [NodeConnectionTypes.AiTool],
	});
	tool.description.properties.unshift({
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		default: node.description.description,
	});
	return tool;
}
