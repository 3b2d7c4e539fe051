import { isSaying } from '../shared/api/replies';
import type { RequestAddress } from '../shared/api/routes';
import { unsaid, type Output, type ReadOutput } from '../shared/media/deliver';
import type { InputSources, OpenNode } from '../shared/operations/run';
import { withoutDataUris } from '../shared/api/dataUri';
import { Deployments, type Deployment } from './deployments';
import { readDeploymentId, readDeploymentInput } from './readInput';
import type { WorkflowInput } from './workflow/workflowInputs';
import { readOutputs } from './workflow/outputs';

/** How long a deployment is asked for again while RunComfy does not answer, in ms. */
const PATIENCE_MS = 60_000;
const NOTHING_NEW =
	'The run made nothing new, as ComfyUI does when all inputs are as in its last run. Change an input, or set Seed to New on Each Run.';
const NO_FILE = 'The outputs of the run name no file with a URL.';

/** Begins a run, in which each deployment is read once, however many items there are for it. */
export function openDeployment({ parts, media, limits }: InputSources): OpenNode {
	const deployments = new Deployments(parts, media);
	const graphs = new Map<string, Promise<Deployment>>();
	const inputs = new Map<string, Promise<WorkflowInput[]>>();

	return {
		async readInput(item) {
			const id = readDeploymentId(item.value('deployment'));
			const deployment = await find(id);
			const reading = inputs.get(id) ?? deployments.inputs(deployment);
			inputs.set(id, reading);
			return await readDeploymentInput(item, deployment, await reading);
		},
		readOutput,
	};

	async function find(id: string): Promise<Deployment> {
		const finding = graphs.get(id) ?? deployments.find(id, limits(PATIENCE_MS));
		graphs.set(id, finding);
		return await finding;
	}

	async function titlesOf({ deploymentId }: RequestAddress): Promise<Map<string, string>> {
		// A request can be collected when its deployment is gone.
		const found =
			deploymentId === undefined ? undefined : await find(deploymentId).catch(() => undefined);
		return new Map(found?.graph.map(({ id, title }) => [id, title]));
	}

	async function readOutput(
		{ outputs, output, ...body }: Parameters<ReadOutput>[0],
		{ address, submitted }: Parameters<ReadOutput>[1],
	): Promise<Output> {
		const given = outputs ?? output;
		const { files, texts } = readOutputs(given, await titlesOf(address));
		return {
			media: files.map(({ url, ...facts }, index) => ({ url, index, count: files.length, facts })),
			about: { deployment_id: address.deploymentId },
			said: {
				...(submitted?.seeds !== undefined && { seeds: submitted.seeds }),
				...(files.length + texts.length === 0 && {
					message: isSaying(given) ? NO_FILE : NOTHING_NEW,
				}),
				texts,
				outputs: withoutDataUris(given ?? null),
				...unsaid(body),
			},
		};
	}
}
