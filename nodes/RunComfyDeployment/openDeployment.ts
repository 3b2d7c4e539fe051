import { outputOf } from '../shared/api/replies';
import type { RequestAddress } from '../shared/api/routes';
import { ANY, leaves } from '../shared/inputs/schema';
import { unsaid } from '../shared/media/deliver';
import { listMedia } from '../shared/media/media';
import type { InputSources, OpenNode } from '../shared/operations/run';
import { withoutDataUris } from '../shared/api/dataUri';
import { isNothing } from '../shared/parameters/values';
import { Deployments, type Deployment } from './deployments';
import { readDeploymentId, readDeploymentInput } from './readInput';
import type { WorkflowNode } from './workflow/graph';
import type { WorkflowInput } from './workflow/workflowInputs';
import { readOutputs } from './workflow/outputs';

/** How long a deployment is asked for again while RunComfy does not answer, in ms. */
const PATIENCE_MS = 60_000;
const NOTHING_NEW =
	'The run made nothing new, as ComfyUI does when all inputs are as in its last run. Change an input, or set Seed to New on Each Run.';
const NO_FILE = 'The outputs of the run name no file with a URL.';
/** How errors name a node, and RunComfy an input that it refuses. */
const OF_NODE = /(?<=^|; )[^;(]*\(node ([\w:]+)\): /g;
const OF_INPUT = /(?:body\.)?overrides\.([\w:]+)\.(?:inputs\.)?([^\s:]+): /g;

/** Begins a run, in which each deployment is read once, however many items there are for it. */
export function openDeployment({ parts, media, limits }: InputSources): OpenNode {
	const deployments = new Deployments(parts, media);
	const known = new Map<string, Promise<Deployment>>();
	const inputs = new Map<string, Promise<WorkflowInput[]>>();
	const graphs = new Map<number, WorkflowNode[]>();

	return {
		async readInput(item) {
			const id = readDeploymentId(item.value('deployment'));
			const deployment = await find(id);
			const reading = inputs.get(id) ?? deployments.inputs(deployment);
			inputs.set(id, reading);
			const input = await readDeploymentInput(item, deployment, await reading);
			graphs.set(item.index, input.graph);
			return input;
		},

		async readOutput(reply, { itemIndex, address, submitted }) {
			const { outputs, output, ...body } = reply;
			const given = outputOf(reply);
			const found = readOutputs(given, await titlesOf(itemIndex, address));
			// What has no workflow may name its files as a model does (RunComfy's documentation of LoRAs).
			const isOfModel = found.files.length === 0 && given !== outputs;
			const files = isOfModel ? listMedia({ output }).map(({ url }) => ({ url })) : found.files;
			const texts = found.texts.filter(({ text }) => !files.some(({ url }) => url === text.trim()));
			const count = files.length;
			const isEmpty = leaves(given, ANY).every(({ value }) => isNothing(value));
			const message = isEmpty ? NOTHING_NEW : NO_FILE;
			return {
				media: files.map(({ url, ...facts }, index) => ({ url, index, count, facts })),
				about: { deployment_id: address.deploymentId },
				said: {
					...(submitted?.seeds !== undefined && { seeds: submitted.seeds }),
					...(count + texts.length === 0 && { message }),
					texts,
					outputs: withoutDataUris(given ?? null),
					...unsaid(body),
				},
			};
		},

		async explain(detail, itemIndex, address) {
			const titles = await titlesOf(itemIndex, address);
			return detail
				.replace(OF_NODE, (words, id: string) => (titles.has(id) ? `${titles.get(id)}: ` : words))
				.replace(OF_INPUT, (words, id: string, input: string) =>
					titles.has(id) ? `${titles.get(id)} › ${input}: ` : words,
				);
		},
	};

	async function find(id: string): Promise<Deployment> {
		const finding = known.get(id) ?? deployments.find(id, limits(PATIENCE_MS));
		known.set(id, finding);
		return await finding;
	}

	/** Of the nodes that an item has run, by ID, in the order of the workflow. */
	async function titlesOf(
		itemIndex: number,
		{ deploymentId = '' }: Partial<RequestAddress>,
	): Promise<Map<string, string>> {
		// A request can be collected when its deployment is gone.
		const graph =
			graphs.get(itemIndex) ?? (await find(deploymentId).catch(() => undefined))?.graph ?? [];
		return new Map(graph.map(({ id, title }) => [id, title]));
	}
}
