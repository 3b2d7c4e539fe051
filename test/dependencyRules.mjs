/**
 * Who may import whom in `nodes/`, as dependency-cruiser's configuration. Paths start at `nodes/`; an
 * import that no line allows is a fault, one of types too.
 */
const SHARED = {
	api: { folders: [], packages: [] },
	errors: { folders: ['api'], packages: ['n8n-workflow'] },
	connection: { folders: ['api', 'errors'], packages: ['n8n-workflow'] },
	media: { folders: ['api', 'errors', 'connection', 'parameters'], packages: ['n8n-workflow'] },
	requests: { folders: ['api', 'errors', 'connection'], packages: ['n8n-workflow'] },
	parameters: { folders: ['api', 'errors'], packages: ['n8n-workflow', 'fastest-levenshtein'] },
	inputs: {
		folders: ['api', 'errors', 'media', 'parameters'],
		packages: ['n8n-workflow', 'zod/v4-mini', 'node:crypto'],
	},
	editor: {
		folders: ['api', 'errors', 'connection', 'inputs', 'operations'],
		packages: ['n8n-workflow'],
	},
	operations: {
		folders: ['api', 'errors', 'connection', 'media', 'requests', 'parameters', 'inputs'],
		packages: ['n8n-workflow', 'p-limit', 'node:crypto'],
	},
};
/** A node is every other folder. It may use all of `shared`, and no other node. */
const NODE = {
	folders: Object.keys(SHARED),
	packages: ['n8n-workflow'],
};

const inside = (folders) => `^shared/(${folders.join('|')})/`;

/** Node's own modules are resolved to their names, packages to their files. */
const packagePath = (name) =>
	name.startsWith('node:')
		? `^${name.replace('node:', '')}$`
		: `(^|/node_modules/)${name.replaceAll('.', '\\.')}(/|$)`;

export default {
	forbidden: [
		{ name: 'circle', severity: 'error', from: {}, to: { circular: true } },
		{
			name: 'circle of folders',
			scope: 'folder',
			severity: 'error',
			from: {},
			to: { circular: true },
		},
	],
	allowed: [
		...Object.entries(SHARED).map(([folder, { folders, packages }]) => ({
			from: { path: inside([folder]) },
			to: { path: [inside([folder, ...folders]), ...packages.map(packagePath)] },
		})),
		{
			from: { path: '^([^/]+)/', pathNot: '^shared/' },
			to: { path: ['^$1/', inside(NODE.folders), ...NODE.packages.map(packagePath)] },
		},
	],
	allowedSeverity: 'error',
	options: { baseDir: 'nodes', tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};
