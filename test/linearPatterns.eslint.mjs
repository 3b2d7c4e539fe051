import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** No pattern in the node may take more time than in proportion to a text: texts come from users and servers. */
export default [
	{
		files: ['**/*.ts'],
		languageOptions: { parser: tseslint.parser },
		// What the source says to other linters is about rules that are not here.
		linterOptions: { noInlineConfig: true },
		plugins: { regexp },
		rules: {
			'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
			'regexp/no-super-linear-move': ['error', { report: 'potential' }],
		},
	},
];
