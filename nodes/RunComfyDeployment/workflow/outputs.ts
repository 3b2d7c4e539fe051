import { isDataUri } from '../../shared/api/dataUri';
import { isObject } from '../../shared/parameters/jsonText';

/** Where in the outputs of a run something stands. */
interface Place {
	node_id: string;
	node_title?: string;
	/** Under which name the node gives it: `images`, `gifs`, `audio`, `text` … */
	channel: string;
}

export interface OutputFile extends Place {
	url: string;
	/** `output`, or `temp` for a preview. */
	type?: string;
	filename?: string;
}

export interface OutputText extends Place {
	text: string;
}

export interface WorkflowOutputs {
	files: OutputFile[];
	texts: OutputText[];
}

const DEEPEST = 20;

/**
 * What the nodes of a workflow have given: every object with a `url` is a file, and so is a data URI, each once,
 * previews last; other text is text. In the order of the graph where it is known, or else as the answer has it.
 *
 * @param outputs `outputs` of a result: nodes, then channels, by name
 * @param titles of the nodes by ID, in the order of the graph
 */
export function readOutputs(outputs: unknown, titles: Map<string, string>): WorkflowOutputs {
	const order = [...titles.keys()];
	const placeOf = (id: string) => (titles.has(id) ? order.indexOf(id) : order.length);
	const nodes = Object.entries(isObject(outputs) ? outputs : { output: outputs }).sort(
		([one], [other]) => placeOf(one) - placeOf(other),
	);
	const found = nodes.flatMap(([id, channels]) =>
		Object.entries(isObject(channels) ? channels : { output: channels }).flatMap(
			([channel, value]) => {
				const title = titles.get(id);
				const place = { node_id: id, ...(title !== undefined && { node_title: title }), channel };
				return leavesIn(value).map((leaf) => ({ ...place, ...leaf }));
			},
		),
	);
	const seen = new Set<string>();
	const files = found
		.filter((one) => 'url' in one)
		.filter(({ url }) => !seen.has(url) && seen.add(url));
	return {
		files: files.sort((one, other) => Number(one.type === 'temp') - Number(other.type === 'temp')),
		texts: found.filter((one) => 'text' in one),
	};
}

type Leaf = Omit<OutputFile, keyof Place> | { text: string };

function leavesIn(value: unknown, depth = 0): Leaf[] {
	if (typeof value === 'string') {
		if (isDataUri(value)) return [{ url: value.trim() }];
		return value.trim() === '' ? [] : [{ text: value }];
	}
	if (depth > DEEPEST) return [];
	if (Array.isArray(value)) return value.flatMap((part) => leavesIn(part, depth + 1));
	if (!isObject(value)) return [];
	const { url, type, filename } = value;
	if (typeof url !== 'string' || url.trim() === '') {
		// What else an object says is of something that has no file.
		const parts = Object.values(value).flatMap((part) => leavesIn(part, depth + 1));
		return parts.filter((part) => 'url' in part);
	}
	return [
		{
			url: url.trim(),
			...(typeof type === 'string' && { type }),
			...(typeof filename === 'string' && { filename }),
		},
	];
}
