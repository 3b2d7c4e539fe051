import fc from 'fast-check';
import { parseExact, stringifyExact } from '../../nodes/shared/api/exactJson';

describe('JSON keeps all digits of a number of 64 bits', () => {
	it.each([
		['{"seed":18446744073709551615}', { seed: 18446744073709551615n }],
		['[-9223372036854775808, 5, 1.5]', [-9223372036854775808n, 5, 1.5]],
		['{"text":"18446744073709551615"}', { text: '18446744073709551615' }],
		[
			'{"18446744073709551615":"n18446744073709551615"}',
			{ '18446744073709551615': 'n18446744073709551615' },
		],
		['{"a \\" 1":[18446744073709551615,"\\\\"]}', { 'a " 1': [18446744073709551615n, '\\'] }],
		['{"pi":3.14159265358979323846}', { pi: Math.PI }],
		['{"seed":1e20}', { seed: 1e20 }],
		['9007199254740991', 9007199254740991],
	])('%s', (text, value) => expect(parseExact(text)).toEqual(value));

	it('and gives back what was written, whatever it is', () => {
		const leaf = fc.oneof(
			fc.string({ unit: 'grapheme' }),
			fc.boolean(),
			fc.constant(null),
			fc.maxSafeInteger(),
			fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
		);
		const { tree } = fc.letrec((tie) => ({
			tree: fc.oneof(
				{ depthSize: 'small' },
				leaf,
				fc.array(tie('tree')),
				fc.dictionary(fc.string(), tie('tree'), { noNullPrototype: true }),
			),
		}));
		fc.assert(
			fc.property(tree, (value) => {
				expect(parseExact(stringifyExact(value))).toEqual(value);
			}),
		);
	});

	it('as JSON.stringify does, where there is no such number', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				expect(stringifyExact(value)).toBe(JSON.stringify(value));
			}),
		);
	});
});

it('half an emoji becomes a character that servers take', () => {
	expect(stringifyExact({ text: 'a \ud83d' })).toBe('{"text":"a \ufffd"}');
});
