import { resolve } from 'node:path';
import type { INodePropertyOptions, INodeType } from 'n8n-workflow';
import codex from '../../nodes/KlingVideo/KlingVideo.node.json';

// The built node, as n8n loads it.
const { KlingVideo } = jest.requireActual<{ KlingVideo: new () => INodeType }>(
	resolve(__dirname, '../../dist/nodes/KlingVideo/KlingVideo.node.js'),
);
const { description } = new KlingVideo();
const operations = description.properties[0].options as INodePropertyOptions[];

describe('the description of the node', () => {
	it('names every operation under the node on the canvas as the form does', () => {
		for (const { name, value } of operations) {
			expect(description.subtitle).toContain(`${value}: "${name}"`);
		}
	});

	it('offers five operations, generating first, with actions that read as sentences', () => {
		expect(operations.map(({ value }) => value)).toEqual([
			'generate',
			'submit',
			'getStatus',
			'getResult',
			'cancel',
		]);
		expect(operations.every(({ action }) => / a /.test(action ?? ''))).toBe(true);
	});

	it('is found by what people search for', () => {
		expect(codex.alias).toEqual(
			expect.arrayContaining(['kling', 'runcomfy', 'video', 'text to video', 'ai video']),
		);
		// n8n 2.41.1 hides nodes of this category from the search unless they are parts of an AI agent.
		expect(codex.categories).not.toContain('AI');
	});

	it('fills in nothing that would be paid for by a click', () => {
		const prompt = description.properties.find(({ name }) => name === 'prompt');
		expect(prompt?.default).toBe('');
	});
});
