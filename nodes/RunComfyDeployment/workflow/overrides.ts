import { listed, type InputFault } from '../../shared/inputs/inputFault';
import { isObject } from '../../shared/parameters/jsonText';
import { nearestName } from '../../shared/parameters/nearestName';
import { isLink, wrappedList, type WorkflowNode } from './graph';
import type { WorkflowInput } from './workflowInputs';

/** Values by node and input, as the form keeps them: `57:8/text`. */
export type FlatValues = Record<string, unknown>;

/** Many classes take no larger seed, those of other companies' models among them. */
const LARGEST_SEED = 2 ** 31 - 1;

/** What overrides in RunComfy's form set, and where they are not in that form. */
export function flatValues(overrides: Record<string, unknown>): {
	values: FlatValues;
	faults: InputFault[];
} {
	const values: FlatValues = {};
	const faults: InputFault[] = [];
	for (const [id, override] of Object.entries(overrides)) {
		if (isObject(override) && isObject(override.inputs) && Object.keys(override).length === 1) {
			for (const [name, value] of Object.entries(override.inputs)) {
				values[`${id}/${name}`] = wrappedList(value) ?? value;
			}
		} else {
			faults.push({ path: [id], says: 'must be { "inputs": { … } }, with the inputs by name' });
		}
	}
	return { values, faults };
}

/** The same in RunComfy's form: only what is set, for everything else is as the workflow has it. */
export function asOverrides(values: FlatValues): Record<string, { inputs: object }> {
	const overrides: Record<string, { inputs: Record<string, unknown> }> = {};
	for (const [name, value] of Object.entries(values)) {
		const [id, input] = splitName(name);
		const { inputs } = (overrides[id] ??= { inputs: {} });
		// A bare list would be a link to a node.
		inputs[input] = Array.isArray(value) ? { __value__: value } : value;
	}
	return overrides;
}

/** A new value for each seed that is not set: with all inputs as before, ComfyUI makes nothing new. */
export function newSeeds(inputs: WorkflowInput[], values: FlatValues): Record<string, number> {
	const free = inputs.filter(({ isSeed, name }) => isSeed && !Object.hasOwn(values, name));
	return Object.fromEntries(
		free.map(({ name, schema: { minimum = 0, maximum = LARGEST_SEED } }) => {
			const least = Math.max(0, Number(minimum));
			const most = Math.min(LARGEST_SEED, Number(maximum));
			return [name, least + Math.floor(Math.random() * (most - least + 1))];
		}),
	);
}

/** What is set and cannot be: nodes and inputs that the workflow does not have, and what a link gives. */
export function misplaced(
	values: FlatValues,
	graph: WorkflowNode[],
	inputs: WorkflowInput[],
): InputFault[] {
	const known = new Set(inputs.map(({ name }) => name));
	return Object.keys(values)
		.filter((name) => !known.has(name))
		.map((name) => ({ path: [name], says: reasonAgainst(name, graph, inputs) }));
}

function reasonAgainst(name: string, graph: WorkflowNode[], inputs: WorkflowInput[]): string {
	const [id, input] = splitName(name);
	const node = graph.find((one) => one.id === id);
	if (!node) {
		const nodes = graph.map((one) => `${one.id} (${one.title})`);
		const named = nearestName(
			id,
			graph.flatMap((one) => [one.id, one.title]),
		);
		const near = graph.find((one) => one.id === named || one.title === named)?.id;
		return `is in no node of this workflow: ${near ? `did you mean node ${near}? There are` : 'use one of'} ${listed(nodes)}`;
	}
	const held = Object.hasOwn(node.inputs, input) ? node.inputs[input] : undefined;
	if (isLink(held)) {
		const [from] = held as unknown[];
		const source = graph.find((one) => one.id === String(from));
		return `cannot be set, for another node gives it: set an input of ${source?.title ?? 'that node'} (${String(from)}) instead`;
	}
	const own = inputs.filter((one) => one.nodeId === id).map((one) => one.input);
	const near = nearestName(input, own);
	const all = own.length > 0 ? `It has ${listed(own)}` : 'It has none that can be set';
	return `is not an input of ${node.title}${near ? `: did you mean ${near}?` : '.'} ${all}`;
}

/** A node's ID has no slash; the name of an input may. */
function splitName(name: string): [nodeId: string, input: string] {
	const slash = name.indexOf('/');
	return [name.slice(0, slash), name.slice(slash + 1)];
}
