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
		suite('engine', { setupFilesAfterEnv: ['<rootDir>/engine/setup.ts'] }),
		suite('chaos', { setupFilesAfterEnv: ['<rootDir>/engine/setup.ts'] }),
	],
};
