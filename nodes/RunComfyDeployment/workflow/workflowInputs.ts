import { kindOf, type Choice, type InputKind, type Schema } from '../../shared/inputs/schema';
import { isLink, wrappedList, type WorkflowNode } from './graph';
import { inputTypeOf, type InputType } from './inputSchema';

/** One literal input of a node of a workflow. */
export interface WorkflowInput {
	/** Node and input, as the form keeps it: `57:8/text`. */
	name: string;
	nodeId: string;
	input: string;
	label: string;
	kind: InputKind;
	required: false;
	schema: Schema;
	choices: Choice[];
	/** What the workflow has. */
	saved: unknown;
	isSeed: boolean;
	/** Whether a new form shows it. */
	isShown: boolean;
}

const LONGEST_TITLE = 40;
const SEED = /(?:^|_)seed(?:_num)?$/i;

type Candidate = Pick<WorkflowInput, 'input' | 'schema' | 'isSeed' | 'saved'> & {
	type: InputType;
	classType: string;
};

/** What people set, in the order in which a form shows it. */
const SHOWN_FIRST: Array<(candidate: Candidate) => boolean> = [
	({ input, saved, type }) =>
		typeof saved === 'string' &&
		!type.choices?.length &&
		(type.isLongText || /(?:^|_)(?:text|prompt|positive|negative|lyrics|tags)(?:_|$)/i.test(input)),
	({ schema }) => schema.file !== undefined,
	({ isSeed }) => isSeed,
	({ input }) => /^(?:width|height|batch_size|length|num_frames|fps|seconds|duration)$/.test(input),
	({ input }) => /^(?:steps|cfg|guidance|denoise)$/.test(input),
	({ input }) => /^(?:lora_name|strength(?:_model)?)$/.test(input),
	({ input, classType }) => input === 'value' && /Primitive|Constant/i.test(classType),
];

/**
 * The literal inputs of a workflow, those that a form shows first before the others, each part in the order of the
 * graph. Which these are, the deployment says, or else their names do.
 *
 * @param suggested as a deployment has it: overrides, of which only the names count
 * @param objectInfo ComfyUI's `object_info` of the machine, if it is known
 */
export function workflowInputs(
	graph: WorkflowNode[],
	suggested: Map<string, Set<string>>,
	objectInfo?: unknown,
): WorkflowInput[] {
	const titles = ownTitles(graph);
	const inputs = graph.flatMap((node) =>
		Object.entries(node.inputs)
			.filter(([, saved]) => isLiteral(saved))
			.map(([input, saved]) => {
				const type = inputTypeOf(node, input, objectInfo);
				const { schema, choices = [] } = type;
				const isSeed = SEED.test(input) && kindOf(schema) === 'number';
				const isNamed = suggested.get(node.id)?.has(input) ?? false;
				const candidate = { input, saved, schema, isSeed, type, classType: node.classType };
				const rank = SHOWN_FIRST.findIndex((isOne) => isOne(candidate));
				return { node, input, saved, schema, choices, isSeed, isNamed, rank };
			}),
	);
	const anyNamed = inputs.some(({ isNamed }) => isNamed);
	return inputs
		.map(({ node, isNamed, rank, ...one }) => ({
			one,
			place: anyNamed ? (isNamed ? 0 : 1) : rank < 0 ? SHOWN_FIRST.length : rank,
			isShown: anyNamed ? isNamed : rank >= 0,
			node,
		}))
		.sort((first, second) => first.place - second.place)
		.map(({ one, node, isShown }) => ({
			...one,
			name: `${node.id}/${one.input}`,
			nodeId: node.id,
			label: `${titles.get(node.id)} › ${one.input}`,
			kind: kindOf(one.schema),
			required: false,
			isShown,
		}));
}

/** What can be set: a value that stands in the workflow itself. */
function isLiteral(value: unknown): boolean {
	if (isLink(value) || value === null) return false;
	return typeof value !== 'object' || wrappedList(value) !== undefined;
}

/**
 * The title of each node, with its ID where two would read alike; to an agent's tool too, for which n8n (2.41.1)
 * makes the name of an argument of a label, of its plain letters and digits.
 */
function ownTitles(graph: WorkflowNode[]): Map<string, string> {
	const cut = graph.map(({ id, title }) => ({
		id,
		title: [...title].slice(0, LONGEST_TITLE).join(''),
	}));
	const plain = (title: string) => title.toLowerCase().replace(/[^a-z0-9]+/g, '_');
	const counts = new Map<string, number>();
	for (const { title } of cut) counts.set(plain(title), (counts.get(plain(title)) ?? 0) + 1);
	return new Map(
		cut.map(({ id, title }) => [id, counts.get(plain(title)) === 1 ? title : `${title} (${id})`]),
	);
}
