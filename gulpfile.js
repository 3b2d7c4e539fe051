const { spawn } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const { mkdir, rm, writeFile } = require('node:fs/promises');
const esbuild = require('esbuild');
const { dest, parallel, series, src, watch } = require('gulp');
const { bundledPackages, licensesOf } = require('./test/package/licenses.cjs');

const clean = async () => await rm('dist', { recursive: true, force: true });

const typecheck = parallel(
	async () => await run('tsc', ['-p', '.']),
	async () => await run('tsc', ['-p', 'test']),
);

/** The nodes: every folder in `nodes` that has a node of its own name, such as `KlingVideo/KlingVideo.node.ts`. */
const nodeNames = () =>
	readdirSync('nodes').filter((name) => existsSync(`nodes/${name}/${name}.node.ts`));

/**
 * Everything but n8n-workflow inside: one file for the credential, one for all nodes, so that what they
 * share is published and loaded once, and for each node the file in which n8n looks for its class.
 */
const bundle = async () => {
	const names = nodeNames();
	const [nodes] = await Promise.all([
		esbuild.build({
			...bundled,
			stdin: {
				contents: names
					.map((name) => `export { ${name} } from './${name}/${name}.node';`)
					.join('\n'),
				resolveDir: 'nodes',
				sourcefile: 'every node',
			},
			outfile: 'dist/nodes/bundle.js',
			metafile: true,
		}),
		esbuild.build({
			...bundled,
			entryPoints: ['credentials/RunComfyApi.credentials.ts'],
			outdir: 'dist/credentials',
		}),
	]);
	for (const name of names) {
		await mkdir(`dist/nodes/${name}`, { recursive: true });
		await writeFile(
			`dist/nodes/${name}/${name}.node.js`,
			`"use strict";\nexports.${name} = require("../bundle.js").${name};\n`,
		);
	}
	await writeFile('dist/THIRD-PARTY-LICENSES.md', licensesOf(bundledPackages(nodes.metafile)));
};

const bundled = {
	bundle: true,
	external: ['n8n-workflow'],
	platform: 'node',
	format: 'cjs',
	target: 'node20',
	// n8n reviewers read the published code: names and lines stay as they are.
	minify: false,
	logLevel: 'warning',
};

/** `encoding: false` keeps gulp 5 from reading the files as UTF-8 text. */
const assets = () =>
	src(['icons/*.svg', 'nodes/**/*.node.json'], { base: '.', encoding: false }).pipe(dest('dist'));

/** Fails on anything that n8n's package scanner would refuse, in the source or in what is published. */
const verify = async () => await run('node', ['test/package/scan.mjs']);

const build = series(clean, parallel(typecheck, bundle, assets), verify);
const rebuild = parallel(bundle, assets);

exports.build = build;
/** Rebuilds on every change; what is there was built before. */
exports.watch = () => watch(['nodes', 'credentials', 'icons'], rebuild);
exports.default = build;

function run(command, args) {
	return new Promise((resolve, reject) => {
		spawn(command, args, { stdio: 'inherit' })
			.on('error', reject)
			.on('exit', (code) =>
				code === 0
					? resolve()
					: reject(new Error(`${command} ${args.join(' ')} ended with ${code}`)),
			);
	});
}
