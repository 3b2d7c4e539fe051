import { kindOf, type Choice, type InputKind, type Schema } from '../../shared/inputs/schema';
import { isLink, literalsOf, wrappedList, type WorkflowNode } from './graph';
import { inputTypeOf, type InputType } from './inputSchema';

/** One literal input of a node of a workflow. */
export interface WorkflowInput {
	/** Node and input, as the form keeps it: `57:8/text`. */
	name: string;
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
const SEED = /seed(?:_num|_?\d+)?$/i;

interface Candidate extends Pick<WorkflowInput, 'isSeed' | 'saved'> {
	/** The name of the input, without that of the choice that it belongs to: `model.width`. */
	part: string;
	type: InputType;
	/** Whether its node has no other input. */
	isAlone: boolean;
}

/** What people set, in the order in which a form shows it. */
const SHOWN_FIRST: Array<(candidate: Candidate) => boolean> = [
	({ part, saved, type, isAlone }) =>
		typeof saved === 'string' &&
		!type.choices?.length &&
		(type.isLongText ||
			(isAlone && part === 'value') ||
			/(?:^|_)(?:text|string|prompt|positive|negative|lyrics|tags)(?:_|$)/i.test(part)),
	({ type }) => type.schema.file !== undefined,
	({ isSeed }) => isSeed,
	({ part }) => /^(?:width|height|batch_size|length|num_frames|fps|seconds|duration)$/.test(part),
	({ part }) => /^(?:steps|cfg|guidance|denoise)$/.test(part),
	({ part }) => /^(?:lora_name|strength(?:_model)?)$/.test(part),
	({ isAlone, saved }) => isAlone && ['number', 'boolean'].includes(typeof saved),
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
	const seedSources = nodesForSeedsOnly(graph);
	const isNamed = ({ id }: WorkflowNode, input: string) => suggested.get(id)?.has(input) ?? false;
	const anyNamed = graph.some((node) => literalsOf(node).some((input) => isNamed(node, input)));
	const inputs = graph.flatMap((node) =>
		literalsOf(node).map((input) => {
			const held = node.inputs[input];
			const saved = wrappedList(held) ?? held;
			const type = inputTypeOf(node, input, objectInfo);
			const { schema, choices = [] } = type;
			const kind = kindOf(schema);
			const isAlone = Object.keys(node.inputs).length === 1;
			const isNumber = kind === 'number' || /^\d+$/.test(String(saved));
			const isSeed = isNumber && (SEED.test(input) || (isAlone && seedSources.has(node.id)));
			const part = input.slice(input.lastIndexOf('.') + 1);
			const rank = SHOWN_FIRST.findIndex((isOne) => isOne({ part, saved, isSeed, type, isAlone }));
			const isShown = anyNamed ? isNamed(node, input) : rank >= 0;
			const place = !isShown ? SHOWN_FIRST.length : anyNamed ? 0 : rank;
			const name = `${node.id}/${input}`;
			const label = `${titles.get(node.id)} › ${input}`;
			const known = { name, input, label, kind, required: false, schema, choices, saved } as const;
			return { ...known, isSeed, isShown, place };
		}),
	);
	return inputs.sort((one, other) => one.place - other.place);
}

/** The nodes whose every output goes to inputs that are called seeds. */
function nodesForSeedsOnly(graph: WorkflowNode[]): Set<string> {
	const links = graph
		.flatMap(({ inputs }) => Object.entries(inputs))
		.flatMap(([input, value]) =>
			isLink(value) ? [{ from: String(value[0]), isSeed: SEED.test(input) }] : [],
		);
	const others = new Set(links.filter(({ isSeed }) => !isSeed).map(({ from }) => from));
	return new Set(links.map(({ from }) => from).filter((from) => !others.has(from)));
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
