import { redact, redactFacts } from '../../nodes/shared/errors/redact';

describe('what is taken out of a text from outside', () => {
	it.each([
		['the token', 'wrong token abcd-1234!', ['abcd-1234'], 'wrong token …!'],
		['a short prompt', 'no boat here', ['boat'], 'no … here'],
		[
			'a whole prompt',
			'prompt "a paper boat sails" is bad',
			['a paper boat sails'],
			'prompt "…" is bad',
		],
		[
			'a part of a prompt of 16 characters or more',
			'bad words: paper boat sails down, sorry',
			['a paper boat sails down a rainy street'],
			'bad words:…, sorry',
		],
		['a prompt that occurs twice', 'xxxx and xxxx', ['xxxx'], '… and …'],
		['nothing that is too short to give anything away', 'a cat', ['cat'], 'a cat'],
		['nothing that is only blanks', 'a     b', ['     '], 'a     b'],
		['nothing of another text', 'out of range', ['a paper boat'], 'out of range'],
	])('%s', (_, text, hidden, clean) => {
		expect(redact(text, hidden)).toBe(clean);
	});

	it('is every quote of a prompt, wherever it starts and however much of it is quoted', () => {
		const prompt = Array.from({ length: 400 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join(
			'',
		);
		for (let at = 0; at + 16 <= prompt.length; at += 37) {
			for (const length of [16, 40, prompt.length]) {
				expect(redact(`<${prompt.slice(at, at + length)}>`, [prompt])).toBe('<…>');
			}
		}
	});
});

describe('the facts of an error', () => {
	const poem = 'my quiet poem\nof red boats\n\nand blue  seas';

	it.each([
		['in one line', { detail: 'refused: my quiet poem of red boats and blue seas' }],
		['in JSON', { detail: `refused: ${JSON.stringify(poem)}` }],
		['in a result', { result: JSON.stringify({ text: poem }) }],
	])('hide a prompt of many short lines that is quoted %s', (_, facts) => {
		const text = JSON.stringify(redactFacts(facts, [poem]));
		for (const word of ['quiet', 'boats', 'seas']) expect(text).not.toContain(word);
	});
});
