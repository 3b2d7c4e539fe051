import type { ICruiseResult } from 'dependency-cruiser';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const CRUISER = resolve(__dirname, '../../node_modules/.bin/depcruise');
const RULES = join(__dirname, 'dependencyRules.mjs');
const LARGEST_SHARE = 0.3;

/** What is wrong with the imports of a tree, and with its folders: one line for each, with names. */
interface Faults {
	/** Files that import each other in a circle, by types too. */
	circles: string[];
	/** Imports that the table in `dependencyRules.mjs` does not allow. */
	forbidden: string[];
	/** Folders, each with its direct files, that import each other in a circle. */
	folderCircles: string[];
	/** Folders, each with its direct files, and folders of `shared`, that hold too much of the tree. */
	large: string[];
}

/**
 * Looks at a tree that is laid out as `nodes/` is.
 *
 * @param root its folder
 * @throws Error when dependency-cruiser cannot read it, or sees fewer files than there are
 */
export async function checkArchitecture(root: string): Promise<Faults> {
	const { stdout } = await promisify(execFile)(
		CRUISER,
		['--config', RULES, '--output-type', 'json', '.'],
		{ cwd: root, maxBuffer: 2 ** 26 },
	);
	const { modules, summary } = JSON.parse(stdout) as ICruiseResult;
	const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
		file.endsWith('.ts'),
	);
	const seen = new Set(modules.map(({ source }) => source));
	const unseen = files.filter((file) => !seen.has(file));
	if (unseen.length > 0) throw new Error(`dependency-cruiser did not see ${unseen.join(', ')}`);

	const imports = modules.flatMap(({ source, dependencies }) =>
		dependencies.map(({ resolved }) => [source, resolved]),
	);
	const ofOurs = imports.filter(([, to]) => files.includes(to));
	return {
		circles: summary.violations.flatMap(({ from, cycle }) =>
			cycle ? [[from, ...cycle.map(({ name }) => name)].join(' → ')] : [],
		),
		forbidden: summary.violations.flatMap(({ from, to, cycle }) =>
			cycle ? [] : [`${from} → ${to}`],
		),
		folderCircles: circlesIn(ofOurs.map((pair) => pair.map((file) => dirname(file)))),
		large: largeFolders(root, files),
	};
}

/** Finds circles of folders: the shortest through each folder that is in one. */
function circlesIn(imports: string[][]): string[] {
	const next = new Map<string, Set<string>>();
	for (const [from, to] of imports) {
		if (from !== to) next.set(from, (next.get(from) ?? new Set()).add(to));
	}
	const known = new Set<string>();
	return [...next.keys()].sort().flatMap((start) => {
		const circle = circleThrough(start, next);
		const members = circle.toSorted().join();
		if (circle.length === 0 || known.has(members)) return [];
		known.add(members);
		return [[...circle, start].join(' → ')];
	});
}

function circleThrough(start: string, next: Map<string, Set<string>>): string[] {
	const paths = [[start]];
	const visited = new Set<string>();
	for (const path of paths) {
		for (const folder of next.get(path[path.length - 1]) ?? []) {
			if (folder === start) return path;
			if (!visited.has(folder)) paths.push([...path, folder]);
			visited.add(folder);
		}
	}
	return [];
}

function largeFolders(root: string, files: string[]): string[] {
	const lines = new Map<string, number>();
	let total = 0;
	for (const file of files) {
		const count = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
		total += count;
		const [sharedFolder] = /^shared\/[^/]+(?=\/)/.exec(file) ?? [];
		for (const folder of new Set([dirname(file), sharedFolder ?? dirname(file)])) {
			lines.set(folder, (lines.get(folder) ?? 0) + count);
		}
	}
	return [...lines]
		.filter(([, count]) => count > LARGEST_SHARE * total)
		.map(([folder, count]) => `${folder}: ${Math.round((100 * count) / total)} % of the lines`);
}
