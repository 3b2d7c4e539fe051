const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * The packages of which code is in a bundle.
 *
 * @param {import('esbuild').Metafile} metafile of the build
 * @returns {string[]} their folders, sorted by name
 */
function bundledPackages({ outputs }) {
	const files = Object.values(outputs).flatMap(({ inputs }) =>
		Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0),
	);
	const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
	return [...new Set(folders)].sort((one, other) => (nameIn(one) < nameIn(other) ? -1 : 1));
}

const nameIn = (folder) => folder.replace(/^.*node_modules\//, '');

/**
 * The licenses of packages, as they want to be handed on with their code.
 *
 * @param {string[]} folders of the packages
 * @returns {string} Markdown, each package with the license files that it brings, or without any,
 *   with what its package.json says
 */
function licensesOf(folders) {
	const intro =
		'# Third-party licenses\n\nThis package contains code of the following packages, under their own licenses.\n';
	return [intro, ...folders.map(licenseOf)].join('\n');
}

function licenseOf(folder) {
	const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
	const { name, version, license, author, homepage } = manifest;
	if (!license) throw new Error(`${name} names no license in its package.json`);
	const facts = [
		`License: ${license}`,
		author && `Author: ${personOf(author)}`,
		`Source: ${homepage ?? `https://www.npmjs.com/package/${name}`}`,
	];
	const texts = readdirSync(folder)
		.filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
		.map((file) =>
			readFileSync(join(folder, file), 'utf8')
				.trim()
				.replace(/^(?=.)/gm, '    '),
		);
	if (texts.length === 0) facts.push('The package brings no license file.');
	const list = facts.filter(Boolean).map((fact) => `- ${fact}`);
	return [`## ${name} ${version}\n`, list.join('\n'), ...texts.map((text) => `\n${text}`), ''].join(
		'\n',
	);
}

function personOf(author) {
	if (typeof author === 'string') return author;
	return [author.name, author.email && `<${author.email}>`, author.url && `(${author.url})`]
		.filter(Boolean)
		.join(' ');
}

module.exports = { bundledPackages, licensesOf };
