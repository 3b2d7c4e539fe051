import type { INode } from 'n8n-workflow';
import { costOf, priceOf } from '../emulator/price';
import { catalogEntries } from '../fixtures/catalog';
import { exampleNames, readExample } from '../fixtures/workflows';

const notesIn = (nodes: INode[]) => nodes.filter(({ type }) => type.endsWith('.stickyNote'));

/** What a video of the node costs, or a second of it where its length is not written there. */
function kling({ model = 'pro', generateFrom = 'text', ...given }: INode['parameters']): string {
	const id = `kling/kling-3.0/${String(model)}/${String(generateFrom)}-to-video`;
	const price = priceOf(
		id,
		catalogEntries().find((entry) => entry.model_id === id),
	);
	const { duration = 5, sound = true, specifyInputs } = given;
	const isWritten = typeof duration === 'number' && specifyInputs !== 'json';
	const cost = costOf(price, { duration: isWritten ? duration : 1, sound });
	return isWritten ? `$${cost.toFixed(2)}` : `$${cost} a second`;
}

describe('every workflow in examples', () => {
	it.each(exampleNames)('%s explains itself in notes, and carries no credential', (name) => {
		const { nodes } = readExample(name);
		expect(notesIn(nodes).length).toBeGreaterThan(1);
		expect(nodes.filter(({ credentials }) => credentials)).toEqual([]);
	});

	it.each(exampleNames)('%s says what a run costs', (name) => {
		const { nodes } = readExample(name);
		const text = notesIn(nodes)
			.map(({ parameters }) => parameters.content)
			.join('\n');
		const billed = nodes.filter(
			({ type, parameters }) =>
				type.startsWith('n8n-nodes-runcomfy.') && parameters.resource !== 'request',
		);
		for (const { type, parameters } of billed) {
			if (type.includes('klingVideo')) expect(text).toContain(kling(parameters));
			else expect(text).toMatch(/\b(?:billed|bills|costs)\b/);
		}
		expect(billed.length > 0 || text.includes('is free')).toBe(true);
	});
});
