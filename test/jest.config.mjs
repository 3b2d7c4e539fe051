import { fileURLToPath } from 'node:url';

const suite = (displayName, more) => ({
	displayName,
	rootDir: fileURLToPath(new URL('.', import.meta.url)),
	roots: [`<rootDir>/${displayName}`],
	testMatch: ['**/*.test.ts'],
	transform: { '\\.ts$': '@swc/jest' },
	...more,
});

export default {
	projects: [
		suite('unit'),
		suite('package'),
		suite('engine', {
			testEnvironment: '<rootDir>/engine/environment.mjs',
			setupFilesAfterEnv: ['<rootDir>/engine/setup.ts'],
			// Jest cannot `import()`, with which this module starts the engine for expressions.
			transform: { '\\.ts$|n8n-workflow/dist/cjs/expression\\.js$': '@swc/jest' },
			transformIgnorePatterns: ['/node_modules/(?!n8n-workflow/dist/cjs/expression\\.js)'],
		}),
		// Each promise holds for the node that runs deployments too.
		suite('engine', {
			displayName: 'deployments',
			roots: ['<rootDir>/engine/promises'],
			globals: { nodeUnderTest: 'runComfyDeployment' },
			testEnvironment: '<rootDir>/engine/environment.mjs',
			setupFilesAfterEnv: ['<rootDir>/engine/setup.ts'],
			transform: { '\\.ts$|n8n-workflow/dist/cjs/expression\\.js$': '@swc/jest' },
			transformIgnorePatterns: ['/node_modules/(?!n8n-workflow/dist/cjs/expression\\.js)'],
		}),
		suite('chaos', {
			testEnvironment: '<rootDir>/engine/environment.mjs',
			setupFilesAfterEnv: ['<rootDir>/engine/setup.ts'],
		}),
		suite('chaos', {
			displayName: 'deploymentsChaos',
			globals: { nodeUnderTest: 'runComfyDeployment' },
			testEnvironment: '<rootDir>/engine/environment.mjs',
			setupFilesAfterEnv: ['<rootDir>/engine/setup.ts'],
		}),
	],
};
