import { invalidInput, RunComfyError } from '../shared/api/errors';
import { formValues, readMapper } from '../shared/inputs/formValues';
import { placeNames, type InputFault } from '../shared/inputs/inputFault';
import { prepareInput, type ModelInput } from '../shared/inputs/prepareInput';
import { ANY, leaves } from '../shared/inputs/schema';
import type { Item } from '../shared/parameters/item';
import { isObject, parseJsonObject } from '../shared/parameters/jsonText';
import { isByExpression, locatedValue } from '../shared/parameters/located';
import { isBlank, readChoice, wrongValue } from '../shared/parameters/values';
import type { Deployment } from './deployments';
import { isEditorExport, readGraph, type WorkflowNode } from './workflow/graph';
import {
	asOverrides,
	flatValues,
	misplaced,
	newSeeds,
	type FlatValues,
} from './workflow/overrides';
import { workflowInputs, type WorkflowInput } from './workflow/workflowInputs';

const EDITOR_EXPORT =
	'Inputs (JSON) is a workflow as ComfyUI saves it for its editor. Give the one for its API: in ComfyUI choose File → Export (API)';
const NO_WORKFLOW = 'This deployment has no workflow';
const GIVE_INPUTS = 'give the inputs on its API tab in RunComfy';

interface WorkflowRun extends ModelInput {
	/** The workflow that is run: the deployment's, or the item's own. */
	graph: WorkflowNode[];
}

/** What is to run: overrides of the deployment's workflow, or another body as it is. */
type Asked =
	| { values: FlatValues; beside: object; faults: InputFault[]; isJson: boolean }
	| { body: Record<string, unknown> };

export function readDeploymentId(value: unknown): string {
	const located = locatedValue(value);
	if (isBlank(located)) throw invalidInput('Deployment is required: choose one from the list');
	const id = typeof located === 'string' ? located.trim() : '';
	if (/^[\w-]{1,100}$/.test(id)) return id;
	throw invalidInput(`Deployment ${wrongValue(located, 'a deployment of the list, or its ID')}`);
}

/**
 * What an item asks a deployment to run, checked against its workflow as it is now.
 *
 * @throws RunComfyError `invalidInput`, or `disabled` for a deployment that runs nothing
 */
export async function readDeploymentInput(
	item: Item,
	deployment: Deployment,
	inputs: WorkflowInput[],
): Promise<WorkflowRun> {
	const { id, graph, isEnabled } = deployment;
	if (!isEnabled) throw new RunComfyError('disabled', { model: id });
	const isNew = readChoice('Seed', item.value('seed'), ['new', 'keep']) === 'new';
	const asked = readAsked(item, deployment);
	if ('body' in asked) return await prepareBody(item, id, asked.body, isNew);

	const { values, beside, isJson } = asked;
	const known = new Set(inputs.map(({ name }) => name));
	const faults = [...asked.faults, ...misplaced(values, graph)];
	const own = Object.fromEntries(Object.entries(values).filter(([name]) => known.has(name)));
	// What is empty in a form is not given, but in JSON it is: an empty prompt takes the saved one away.
	const typed = { ...(isJson && own), ...formValues(own, inputs) };
	const given = { model: id, values: typed, nameOf: namesOf(inputs), faults };
	const prepared = await prepareInput(
		item,
		{ ...given, ofWorkflow: true, takesBigints: true },
		{ fields: inputs, schema: schemaFor(inputs, typed), unchecked: [] },
	);
	const seeds = isNew ? newSeeds(inputs, typed) : {};
	return {
		...prepared,
		prompts: [...prepared.prompts, ...textsIn(beside)],
		graph,
		asSent: (input) => ({ ...beside, overrides: asOverrides({ ...input, ...seeds }) }),
		told: seedsTold(inputs, { ...typed, ...seeds }),
	};
}

function readAsked(item: Item, { graph }: Deployment): Asked {
	const way = isByExpression(item.raw('deployment')) ? 'json' : item.value('specifyInputs');
	if (readChoice('Specify Inputs', way, ['fields', 'json']) === 'fields') {
		const none = { beside: {}, faults: [], isJson: false };
		if (graph.length > 0) return { values: readMapper(item), ...none };
		throw invalidInput(
			`${NO_WORKFLOW}, so it has no fields: choose Specify Inputs → Using JSON, and ${GIVE_INPUTS}`,
		);
	}
	const json = parseJsonObject(item.value('inputsJson'), 'Inputs (JSON)');
	const { workflow_api_json: workflow, overrides, ...beside } = json;
	if (isEditorExport(json) || isEditorExport(workflow)) throw invalidInput(EDITOR_EXPORT);
	if (workflow !== undefined && overrides !== undefined) {
		throw invalidInput('Inputs (JSON) has overrides and a workflow_api_json: give one of them');
	}
	if (workflow !== undefined) return { body: json };
	const whole = readGraph(json);
	const isPart =
		whole.length < graph.length && whole.every(({ id }) => graph.some((one) => one.id === id));
	if (whole.length > 0 && isPart) {
		throw invalidInput(
			`Inputs (JSON) has ${whole.length} of the ${graph.length} nodes of this workflow, as ComfyUI exports them: give overrides, such as { "${whole[0]?.id}": { "inputs": { … } } }, or put a whole workflow under workflow_api_json`,
		);
	}
	if (whole.length > 0) return { body: { workflow_api_json: json } };
	if (graph.length === 0) {
		const isPreset = isObject(overrides) && Object.keys(overrides).length === 0;
		if (isPreset) throw invalidInput(`${NO_WORKFLOW}, so it has no overrides: ${GIVE_INPUTS}`);
		return { body: json };
	}
	if (overrides === undefined) return { ...flatValues(json), beside: {}, isJson: true };
	const stray = graph.find(({ id }) => Object.hasOwn(beside, id));
	if (stray) {
		throw invalidInput(`Inputs (JSON) has node ${stray.id} beside overrides: put it into them`);
	}
	if (isObject(overrides)) return { ...flatValues(overrides), beside, isJson: true };
	throw invalidInput(`Inputs (JSON), overrides ${wrongValue(overrides, 'an object of nodes')}`);
}

/** A whole workflow, or the inputs of a deployment that has none: RunComfy alone can check these. */
async function prepareBody(
	item: Item,
	model: string,
	body: Record<string, unknown>,
	isNew: boolean,
): Promise<WorkflowRun> {
	const graph = readGraph(body.workflow_api_json);
	const ofWorkflow = 'workflow_api_json' in body;
	if (ofWorkflow && graph.length === 0) {
		throw invalidInput('Inputs (JSON), workflow_api_json has no node of a ComfyUI workflow');
	}
	const inputs = workflowInputs(graph, new Map());
	const seeds = isNew ? newSeeds(inputs, {}) : {};
	const given = { model, values: body, ofWorkflow, takesBigints: true };
	const prepared = await prepareInput(item, given);
	// Its own text, but it tells which node has failed.
	const names = new Set(graph.flatMap(({ classType, title }) => [classType, title]));
	return {
		...prepared,
		prompts: prepared.prompts.filter((text) => !names.has(text)),
		graph,
		asSent: (input) => withSeeds(input, asOverrides(seeds)),
		told: seedsTold(inputs, seeds),
	};
}

/** The user's own, such as the key of another service in `extra_data`. */
function textsIn(beside: object): string[] {
	return leaves(beside, ANY).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
}

function withSeeds(input: object, seeds: ReturnType<typeof asOverrides>): object {
	const body = structuredClone(input) as { workflow_api_json?: typeof seeds };
	for (const [id, { inputs }] of Object.entries(seeds)) {
		Object.assign(body.workflow_api_json?.[id]?.inputs ?? {}, inputs);
	}
	return body;
}

/** As overrides have them, so that they can be given again; one that a number of n8n's does not hold as text. */
function seedsTold(inputs: WorkflowInput[], values: FlatValues): { seeds?: object } {
	const told: FlatValues = {};
	for (const { name } of inputs.filter((one) => one.isSeed && one.name in values)) {
		told[name] = typeof values[name] === 'bigint' ? String(values[name]) : values[name];
	}
	return Object.keys(told).length > 0 ? { seeds: asOverrides(told) } : {};
}

/** What is on the machine already is named as the workflow names it, and is no file of the item. */
function schemaFor(inputs: WorkflowInput[], values: FlatValues) {
	const properties = inputs.map(({ name, schema, choices, saved }) => {
		const isThere = [saved, '', ...choices].some((one) => one === values[name]);
		return [name, schema.file && isThere ? { types: ['string' as const] } : schema] as const;
	});
	return { types: ['object' as const], properties: Object.fromEntries(properties), closed: true };
}

function namesOf(inputs: WorkflowInput[]) {
	const nameOf = placeNames(inputs);
	return (path: InputFault['path']) =>
		inputs.some(({ name }) => name === path[0])
			? nameOf(path)
			: `Node ${String(path[0]).replace('/', ', ')}`;
}
