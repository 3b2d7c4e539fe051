import { readFileSync } from 'node:fs';
import { Session, type Profiler } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

/** Whose code the CPU was in. `ours` is all of `dist/nodes`, with what is bundled there. */
export type Owner = 'ours' | 'n8n' | 'axios' | 'node' | 'packages' | 'bench' | 'gc' | 'native';

export interface CpuProfile {
	/** Self time in ms. Functions without a file, such as JSON.parse, count to the one that calls them. */
	msByOwner: Partial<Record<Owner, number>>;
	/** Functions, longest first. Ours are named by their source file. */
	functions: ProfiledFunction[];
}

export interface ProfiledFunction {
	owner: Owner;
	name: string;
	file: string;
	/** Self time. */
	ms: number;
	/** With the time in Node's own code that it called, directly or through Node. */
	msWithNode: number;
}

const SAMPLE_EVERY_US = 200;

/** Takes a CPU profile of this process during some work, with V8's sampler. */
export async function profileCpu(work: () => Promise<unknown>): Promise<CpuProfile> {
	const session = new Session();
	session.connect();
	await session.post('Profiler.enable');
	await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
	await session.post('Profiler.start');
	await work();
	const { profile } = await session.post('Profiler.stop');
	session.disconnect();
	return summarise(profile);
}

function summarise({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): CpuProfile {
	const parents = new Map<number, Profiler.ProfileNode>();
	for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const sourceOf = createSourceFinder();

	const msByOwner: CpuProfile['msByOwner'] = {};
	const functions = new Map<string, ProfiledFunction>();
	const functionOf = ({ callFrame }: Profiler.ProfileNode): ProfiledFunction => {
		const name = callFrame.functionName || `(anonymous, line ${callFrame.lineNumber + 1})`;
		const file = sourceOf(callFrame);
		const key = `${name} ${file}`;
		const known = functions.get(key);
		if (known) return known;
		const found = { owner: ownerOf(callFrame), name, file, ms: 0, msWithNode: 0 };
		functions.set(key, found);
		return found;
	};
	samples.forEach((id, index) => {
		const sampled = byId.get(id);
		if (!sampled || sampled.callFrame.functionName === '(idle)') return;
		const ms = (timeDeltas[index] ?? 0) / 1000;
		const running = withFile(sampled, parents);
		const { owner } = functionOf(running);
		msByOwner[owner] = (msByOwner[owner] ?? 0) + ms;
		functionOf(running).ms += ms;
		functionOf(outsideNode(running, parents)).msWithNode += ms;
	});
	return {
		msByOwner,
		functions: [...functions.values()].sort((one, other) => other.msWithNode - one.msWithNode),
	};
}

/** The function itself, or the first of its callers that is not Node's own. */
function outsideNode(
	running: Profiler.ProfileNode,
	parents: Map<number, Profiler.ProfileNode>,
): Profiler.ProfileNode {
	let node: Profiler.ProfileNode | undefined = running;
	while (node && ownerOf(node.callFrame) === 'node') node = parents.get(node.id);
	return node && ownerOf(node.callFrame) !== 'native' ? node : running;
}

/** The function itself, or the first of its callers that is in a file. */
function withFile(
	sampled: Profiler.ProfileNode,
	parents: Map<number, Profiler.ProfileNode>,
): Profiler.ProfileNode {
	if (sampled.callFrame.functionName.startsWith('(')) return sampled;
	let node: Profiler.ProfileNode | undefined = sampled;
	while (node && node.callFrame.url === '') node = parents.get(node.id);
	return node ?? sampled;
}

function ownerOf({ functionName, url }: Profiler.ProfileNode['callFrame']): Owner {
	if (functionName === '(garbage collector)') return 'gc';
	if (url === '') return 'native';
	// The profiler's own start and end.
	if (url === 'node:inspector') return 'bench';
	if (url.startsWith('node:')) return 'node';
	const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
	if (name === undefined) return url.includes('/dist/nodes/') ? 'ours' : 'bench';
	if (/^(axios|follow-redirects|form-data)$/.test(name)) return 'axios';
	return /^(@n8n\/|n8n-)/.test(name) ? 'n8n' : 'packages';
}

/** Finds the source file of a function in a bundle by the comments that esbuild leaves. */
function createSourceFinder(): (frame: Profiler.ProfileNode['callFrame']) => string {
	const bundles = new Map<string, string[]>();
	return ({ url, lineNumber }) => {
		if (!url.includes('/dist/nodes/') || url.includes('/node_modules/')) {
			return url.replace(/.*\/node_modules\//, '');
		}
		const path = url.startsWith('file:') ? fileURLToPath(url) : url;
		const lines = bundles.get(path) ?? readFileSync(path, 'utf8').split('\n');
		bundles.set(path, lines);
		const comment = lines.slice(0, lineNumber + 1).findLast((line) => /^\/\/ \S+\.\w+$/.test(line));
		return comment?.slice(3) ?? path;
	};
}
