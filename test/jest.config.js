const transform = { '\\.ts$': '@swc/jest' };
const suite = (displayName, more) => ({
	displayName,
	rootDir: __dirname,
	roots: [`<rootDir>/${displayName}`],
	testMatch: ['**/*.test.ts'],
	transform,
	...more,
});

module.exports = {
	projects: [
		suite('unit'),
		suite('package'),
		suite('engine', { setupFiles: ['<rootDir>/engine/setup.ts'] }),
	],
};
