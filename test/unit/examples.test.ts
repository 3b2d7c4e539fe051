import { exampleNames, readExample } from '../fixtures/workflows';

describe('every workflow in examples', () => {
	it.each(exampleNames)('%s explains itself in notes, and carries no credential', (name) => {
		const { nodes } = readExample(name);
		const notes = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
		expect(notes.length).toBeGreaterThan(1);
		expect(nodes.filter(({ credentials }) => credentials)).toEqual([]);
	});
});
