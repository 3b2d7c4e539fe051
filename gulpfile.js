const { spawn } = require('node:child_process');
const { rm } = require('node:fs/promises');
const esbuild = require('esbuild');
const { dest, parallel, series, src, watch } = require('gulp');

const clean = async () => await rm('dist', { recursive: true, force: true });

const typecheck = async () => await run('tsc', ['--noEmit', '-p', '.']);

/** One file for the node and one for the credential, with everything inside but n8n-workflow. */
const bundle = async () =>
	await esbuild.build({
		entryPoints: [
			'nodes/KlingVideo/KlingVideo.node.ts',
			'nodes/RunComfy/RunComfy.node.ts',
			'credentials/RunComfyApi.credentials.ts',
		],
		outbase: '.',
		outdir: 'dist',
		bundle: true,
		external: ['n8n-workflow'],
		platform: 'node',
		format: 'cjs',
		target: 'node20',
		// n8n reviewers read the published code: names and lines stay as they are.
		minify: false,
		logLevel: 'warning',
	});

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
