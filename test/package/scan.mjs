import {
	buildScanConfig,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';
import { ESLint } from 'eslint';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the scanner lints in a tarball. */
export const PUBLISHED_FILE_PATTERNS = ['**/*.js', 'package.json'];

/**
 * Lints files with the configuration of n8n's own package scanner: inline disables are ignored, and,
 * stricter than there, warnings count.
 *
 * @param {string} folder where the package is
 * @param {string[]} patterns files in it
 * @returns {Promise<string[]>} one line for every finding
 */
export async function scan(folder, patterns) {
	const eslint = new ESLint({
		cwd: folder,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: await buildScanConfig(),
	});
	const results = await eslint.lintFiles(patterns);
	if (results.length === 0) throw new Error(`No file to scan in ${folder}`);
	return results.flatMap(({ filePath, messages }) =>
		messages.map(({ line, ruleId, message }) => `${filePath}:${line} ${ruleId}: ${message}`),
	);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [, , unpacked] = process.argv;
	const findings = unpacked
		? await scan(resolve(unpacked), PUBLISHED_FILE_PATTERNS)
		: [
				...(await scan(resolve('.'), SOURCE_FILE_PATTERNS)),
				...(await scan(resolve('.'), ['dist/**/*.js'])),
			];
	for (const finding of findings) console.error(finding);
	if (findings.length > 0) process.exit(1);
	console.log("n8n's package scanner finds nothing to refuse");
}
