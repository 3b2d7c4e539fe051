import { isObject } from '../../shared/parameters/jsonText';

/** One node of a ComfyUI workflow. */
export interface WorkflowNode {
	/** A number as text, or several with colons between for one in a subgraph: `57:8`. */
	id: string;
	classType: string;
	title: string;
	/** Links to other nodes and literals, by name. */
	inputs: Record<string, unknown>;
}

/** A ComfyUI workflow in the API format; what in it is no node is left out. */
export function readGraph(raw: unknown): WorkflowNode[] {
	if (!isObject(raw)) return [];
	return Object.entries(raw).flatMap(([id, node]): WorkflowNode[] => {
		if (!isObject(node) || typeof node.class_type !== 'string') return [];
		const meta = isObject(node._meta) ? node._meta : {};
		const title = typeof meta.title === 'string' ? meta.title.replace(/\s+/g, ' ').trim() : '';
		const inputs = isObject(node.inputs) ? node.inputs : {};
		return [{ id, classType: node.class_type, title: title || node.class_type, inputs }];
	});
}

/** Whether a value is a workflow as ComfyUI's editor saves it, which its API does not take. */
export function isEditorExport(raw: unknown): boolean {
	return isObject(raw) && Array.isArray(raw.nodes) && 'links' in raw;
}

/** The names of the inputs that can be set, for their values stand in the workflow itself. */
export function literalsOf({ inputs }: WorkflowNode): string[] {
	return Object.keys(inputs).filter((name) => !isLink(inputs[name]));
}

/** In the API format a list is a link to the output of a node; one of values is wrapped. */
export function isLink(value: unknown): value is unknown[] {
	return Array.isArray(value);
}

/** A list of values, as ComfyUI's editor wraps it in the API format; undefined for any other value. */
export function wrappedList(value: unknown): unknown[] | undefined {
	return isObject(value) && Array.isArray(value.__value__) ? value.__value__ : undefined;
}
