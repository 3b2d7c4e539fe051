import { spawnSync } from 'node:child_process';
import { installNode20 } from './host/install';

/**
 * Unit and engine tests on Node 20; npm scripts run with the Node 24 of the devDependencies. The facts
 * about n8n 2.41.1 are left out, for that version itself needs Node 24.
 */
const suites = [
	'--selectProjects',
	'unit',
	'engine',
	'--testPathIgnorePatterns',
	'engine/n8nFacts',
];
const jest = ['node_modules/jest/bin/jest.js', '--config', 'test/jest.config.mjs', ...suites];
const { status } = spawnSync(await installNode20(), [...jest, ...process.argv.slice(2)], {
	stdio: 'inherit',
});
process.exit(status ?? 1);
