import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The tests are no part of the node: they may use timers, files and sockets. */
export default tseslint.config(
	js.configs.recommended,
	tseslint.configs.recommended,
	{
		languageOptions: {
			globals: { console: 'readonly', process: 'readonly', fetch: 'readonly', URL: 'readonly' },
		},
		rules: { '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }] },
	},
	{
		// What the gulpfile requires.
		files: ['**/*.cjs'],
		languageOptions: {
			sourceType: 'commonjs',
			globals: { __dirname: 'readonly', __filename: 'readonly' },
		},
		rules: { '@typescript-eslint/no-require-imports': 'off' },
	},
);
