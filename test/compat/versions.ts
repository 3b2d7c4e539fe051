/**
 * The versions of n8n that the docs name, each with the packages that hold its engine (the
 * `dependencies` of `n8n` on npm): the first and the last of the 1.123 line, early and later 2.x, the
 * last one before n8n changed which items go to the error output (2.36), and the one we develop with.
 */
export const versions = [
	{ n8n: '1.123.0', core: '1.122.0', workflow: '1.120.0' },
	{ n8n: '1.123.81', core: '1.122.48', workflow: '1.120.31' },
	{ n8n: '2.0.3', core: '2.0.2', workflow: '2.0.1' },
	{ n8n: '2.20.12', core: '2.20.6', workflow: '2.20.3' },
	{ n8n: '2.35.7', core: '2.35.5', workflow: '2.35.3' },
	{ n8n: '2.41.1', core: '2.41.1', workflow: '2.41.0' },
];
