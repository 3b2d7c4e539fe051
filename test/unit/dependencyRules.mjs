/**
 * Who may import whom in `nodes/`, as dependency-cruiser's configuration. Paths start at `nodes/`; an
 * import that no line allows is a fault, one of types too.
 */
const SHARED = {
	api: { rooms: [], packages: [] },
	errors: { rooms: ['api'], packages: ['n8n-workflow'] },
	connection: { rooms: ['api', 'errors'], packages: ['n8n-workflow'] },
	media: { rooms: ['api', 'errors', 'connection'], packages: ['n8n-workflow'] },
	orders: {
		rooms: ['api', 'errors', 'connection'],
		packages: ['n8n-workflow', 'p-limit', 'node:crypto'],
	},
	form: { rooms: ['api', 'errors', 'media', 'orders'], packages: ['n8n-workflow'] },
	operations: {
		rooms: ['api', 'errors', 'connection', 'media', 'orders', 'form'],
		packages: ['n8n-workflow', 'p-limit'],
	},
};
/** A node is every other folder. It may use all of `shared`, and no other node. */
const NODE = {
	rooms: Object.keys(SHARED),
	packages: ['n8n-workflow', 'zod/v4-mini', 'fastest-levenshtein'],
};

const inside = (rooms) => `^shared/(${rooms.join('|')})/`;

/** Node's own modules are resolved to their names, packages to their files. */
const packagePath = (name) =>
	name.startsWith('node:')
		? `^${name.replace('node:', '')}$`
		: `(^|/node_modules/)${name.replaceAll('.', '\\.')}(/|$)`;

export default {
	forbidden: [{ name: 'circle', severity: 'error', from: {}, to: { circular: true } }],
	allowed: [
		...Object.entries(SHARED).map(([room, { rooms, packages }]) => ({
			from: { path: inside([room]) },
			to: { path: [inside([room, ...rooms]), ...packages.map(packagePath)] },
		})),
		{
			from: { path: '^([^/]+)/', pathNot: '^shared/' },
			to: { path: ['^$1/', inside(NODE.rooms), ...NODE.packages.map(packagePath)] },
		},
	],
	allowedSeverity: 'error',
	options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};
