const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const { join, relative } = require('node:path');

/** What is to be replaced before the package is published, everywhere; then its line goes from here. */
const PLACEHOLDERS = {
	'maintainers@n8n-nodes-runcomfy.example':
		'the address of the author, to which n8n sends its mail about verification',
	'github.com/n8n-nodes-runcomfy/n8n-nodes-runcomfy': 'the repository',
};

/**
 * Finds the placeholders that are still there.
 *
 * @param {string} root folder of the repository, or of any other with files
 * @param {string[]} files in it
 * @returns {string[]} one line for each: place, placeholder, what belongs there
 */
function placeholdersIn(root, files) {
	return files.flatMap((file) =>
		readFileSync(join(root, file), 'utf8')
			.split('\n')
			.flatMap((line, index) =>
				Object.entries(PLACEHOLDERS)
					.filter(([placeholder]) => line.includes(placeholder))
					.map(([placeholder, meaning]) => `${file}:${index + 1} ${placeholder} (${meaning})`),
			),
	);
}

module.exports = { placeholdersIn };

if (require.main === module) {
	const root = join(__dirname, '../..');
	const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
		.split('\n')
		.filter((file) => file !== relative(root, __filename) && existsSync(join(root, file)))
		.filter((file) => /\.(json|js|ts|mts|md|yml)$/.test(file));
	const found = placeholdersIn(root, files);
	if (found.length > 0) {
		console.error(`Not to be published before these are replaced:\n${found.join('\n')}`);
		process.exit(1);
	}
}
