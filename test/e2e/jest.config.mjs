import { fileURLToPath } from 'node:url';

/** Tests that need a real n8n. They take minutes, one after the other. */
export default {
	rootDir: fileURLToPath(new URL('.', import.meta.url)),
	testMatch: ['**/*.test.ts'],
	transform: { '\\.[jt]s$': '@swc/jest' },
	// Jest cannot require this ES module as it is.
	transformIgnorePatterns: ['/node_modules/(?!get-port/)'],
	testTimeout: 90_000,
	maxWorkers: 1,
	verbose: true,
};
