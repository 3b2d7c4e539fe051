import { listed, type InputFault } from '../../shared/inputs/inputFault';
import { isObject } from '../../shared/parameters/jsonText';
import { nearestName } from '../../shared/parameters/nearestName';
import { isLink, literalsOf, wrappedList, type WorkflowNode } from './graph';
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
			faults.push({
				path: [id],
				says: 'must be { "inputs": { … } }: overrides go by node ID, then by input',
			});
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
export function misplaced(values: FlatValues, graph: WorkflowNode[]): InputFault[] {
	return Object.keys(values).flatMap((name) => {
		const says = reasonAgainst(name, graph);
		return says === undefined ? [] : [{ path: [name], says }];
	});
}

function reasonAgainst(name: string, graph: WorkflowNode[]): string | undefined {
	const [id, input] = splitName(name);
	const node = graph.find((one) => one.id === id);
	if (!node) {
		const nodes = graph.map((one) => `${one.id} (${one.title})`);
		const named = nearestName(
			id,
			graph.flatMap((one) => [one.id, one.title]),
		);
		const near = graph.find((one) => one.id === named || one.title === named)?.id;
		return `is of a node that this workflow does not have: ${near ? `did you mean node ${near}? There are` : 'use one of'} ${listed(nodes)}`;
	}
	const own = literalsOf(node);
	if (own.includes(input)) return undefined;
	const held = node.inputs[input];
	if (isLink(held)) {
		const from = String(held[0]);
		const title = graph.find((one) => one.id === from)?.title ?? 'that node';
		return `cannot be set, for another node gives it: set an input of ${title} (${from}) instead`;
	}
	const near = nearestName(input, own);
	const all = own.length > 0 ? `It has ${listed(own)}` : 'It has none that can be set';
	return `is not an input of ${node.title}${near ? `: did you mean ${near}?` : '.'} ${all}`;
}

/** A node's ID has no slash; the name of an input may. */
function splitName(name: string): [nodeId: string, input: string] {
	const slash = name.indexOf('/');
	return [name.slice(0, slash), name.slice(slash + 1)];
}
