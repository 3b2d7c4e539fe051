import { fileURLToPath } from 'node:url';

const host = process.env.N8N_ENGINE_FOLDER;
const inHost = ['n8n-core', 'n8n-workflow', '@n8n/di', '@n8n/backend-common', 'reflect-metadata'];

/** The engine's tests, with everything of n8n out of another installation. */
export default {
	rootDir: fileURLToPath(new URL('..', import.meta.url)),
	roots: ['<rootDir>/engine'],
	testMatch: ['**/*.test.ts'],
	// The facts are those of the version that we develop with; here only the node has to work.
	testPathIgnorePatterns: ['n8nFacts'],
	testEnvironment: '<rootDir>/engine/environment.mjs',
	setupFilesAfterEnv: ['<rootDir>/engine/setup.ts'],
	moduleNameMapper: { [`^(${inHost.join('|')})$`]: `${host}/node_modules/$1` },
	transform: { '\\.[jt]s$': '@swc/jest' },
	// Jest cannot require these modules of older engines as they are.
	transformIgnorePatterns: ['/node_modules/(?!(p-retry|is-network-error)/)'],
	// Older engines leave a timer behind.
	forceExit: true,
};
