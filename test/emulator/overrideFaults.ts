import type { Graph, GraphNode } from '../fixtures/deployments';
import { objectInfo, type InputSpec } from '../fixtures/objectInfo';
import type { InputFault } from './inputFaults';
import { isMedia } from './mediaUri';

const LARGEST_SEED = 2n ** 64n - 1n;

/**
 * Judges overrides against the graph that they change, without the node's code: nodes and inputs must be there, what a
 * link gives is not overridden, and a value must be what ComfyUI takes.
 */
export function overrideFaults(graph: Graph, overrides: unknown): InputFault[] {
	if (!isObject(overrides)) return [fault([], 'overrides is missing')];
	return Object.entries(overrides).flatMap(([id, override]) => {
		const node = Object.hasOwn(graph, id) ? graph[id] : undefined;
		if (!node) return [fault([id], 'no such node')];
		const { inputs, ...others } = override as { inputs?: unknown };
		if (!isObject(inputs)) return [fault([id, 'inputs'], 'must be an object')];
		const foreign = Object.keys(others).map((name) => fault([id, name], 'unknown key'));
		const wrong = Object.entries(inputs).flatMap(([name, value]) => {
			const says = faultOf(node, name, value);
			return says === undefined ? [] : [fault([id, 'inputs', name], says)];
		});
		return [...foreign, ...wrong];
	});
}

function fault(path: string[], msg: string): InputFault {
	return { loc: ['body', 'overrides', ...path], msg, type: 'value_error' };
}

function faultOf(node: GraphNode, name: string, value: unknown): string | undefined {
	if (!Object.hasOwn(node.inputs, name)) return 'no such input';
	if (Array.isArray(node.inputs[name])) return 'is linked';
	if (Array.isArray(value)) return 'is a link';
	const { input } = objectInfo[node.class_type] ?? { input: undefined };
	const spec = input?.required[name] ?? input?.optional?.[name];
	const loads = ['image', 'audio', 'video'].find((kind) => spec?.[1]?.[`${kind}_upload`]);
	if (loads) return faultOfFile(loads as 'image' | 'audio' | 'video', value, spec);
	if (typeof value === 'string' && value.startsWith('data:') && spec) return 'is a file';
	return spec ? faultOfValue(spec, value) : undefined;
}

function faultOfFile(
	kind: 'image' | 'audio' | 'video',
	value: unknown,
	spec?: InputSpec,
): string | undefined {
	const listed = Array.isArray(spec?.[0]) ? spec[0] : ((spec?.[1]?.options ?? []) as unknown[]);
	if (typeof value !== 'string') return 'must be text';
	return listed.includes(value) || isMedia(value, kind)
		? undefined
		: `malformed URL or Base64 of ${kind}`;
}

function faultOfValue([type, options = {}]: InputSpec, value: unknown): string | undefined {
	const listed = Array.isArray(type) ? type : options.options;
	if (Array.isArray(listed)) {
		const isFile = typeof value === 'string' && value.includes('.');
		return listed.includes(value) || isFile ? undefined : 'value not in list';
	}
	if (type === 'STRING' && typeof value !== 'string') return 'must be text';
	if (type === 'BOOLEAN' && typeof value !== 'boolean') return 'must be a boolean';
	if (type !== 'INT' && type !== 'FLOAT') return undefined;
	if (typeof value !== 'number') return 'must be a number';
	if (type === 'INT' && !Number.isInteger(value)) return 'must be a whole number';
	const { min = -Infinity, max = Infinity } = options as { min?: number; max?: number | string };
	if (value < min) return 'value smaller than min';
	return BigInt(Math.ceil(value)) > largest(max) ? 'value bigger than max' : undefined;
}

/** A number that was rounded up in parsing is not larger than what was sent. */
function largest(max: number | string): bigint {
	if (typeof max === 'string') return LARGEST_SEED + 1n;
	return Number.isFinite(max) ? BigInt(Math.floor(max)) : 2n ** 70n;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
