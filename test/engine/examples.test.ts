import type { IDataObject, INodeExecutionData, IRun } from 'n8n-workflow';
import type { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import {
	chooseCredential,
	exampleNames,
	itemsOf,
	nodeOf,
	readExample,
} from '../fixtures/workflows';
import { CREDENTIAL } from './klingWorkflow';
import { createWorld, type World } from './world';

const KLING = 'n8n-nodes-runcomfy.klingVideo';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const example = (name: string) =>
	chooseCredential(readExample(name), { id: CREDENTIAL, name: CREDENTIAL });
const rows = (...values: IDataObject[]): INodeExecutionData[] => values.map((json) => ({ json }));
const inputs = ({ requests }: RunComfyEmulator) => [...requests.values()].map(({ input }) => input);
const jsonOf = (run: IRun, node: string, output?: number) =>
	itemsOf(run, node, output).map(({ json }) => json);

/** So many videos came to a node, in one of its runs or in several. */
function expectVideos({ data: { resultData } }: IRun, node: string, count: number): void {
	expect(resultData.error).toBeUndefined();
	const items = resultData.runData[node].flatMap(({ data }) => data?.main[0] ?? []);
	const types = items.map(({ binary }) => binary?.data.mimeType);
	expect(types).toEqual(Array.from({ length: count }, () => 'video/mp4'));
}

/** What each example is for, seen from its items. A file without a line here fails below. */
const examples: Record<string, () => Promise<void>> = {
	async 'prompt-to-video'() {
		const run = await world.engine.run(example('prompt-to-video'));
		expectVideos(run, 'Kling Video', 1);
	},

	async 'scheduled-social-post'() {
		const json = example('scheduled-social-post');
		const ideas = rows(
			{ id: 1, idea: 'a latte', caption: 'Monday', status: 'new' },
			{ id: 2, idea: '[failing] a skateboard', caption: 'Golden hour', status: 'new' },
			{ id: 3, idea: 'rain', caption: 'Slow down', status: 'new' },
		);
		const run = await world.engine.run(json, ideas, 'Every morning');
		expectVideos(run, 'Post to Telegram', 2);
		expect(jsonOf(run, 'Failed')).toEqual([
			expect.objectContaining({
				id: 2,
				caption: 'Golden hour',
				details: expect.objectContaining({ request_id: [...world.emulator.requests.keys()][1] }),
			}),
		]);
		expect(inputs(world.emulator).map(({ aspect_ratio }) => aspect_ratio)).toEqual(
			Array(3).fill('9:16'),
		);
	},

	async 'batch-from-a-sheet'() {
		const sheet = rows(
			{ title: 'Boat', prompt: 'a boat', seconds: '3', format: '1:1' },
			{ title: 'Bad row', prompt: 'too long', seconds: '99', format: '16:9' },
			{ title: 'Fails', prompt: '[failing] a lamp', seconds: '4', format: '16:9' },
			{ title: 'Lamp', prompt: 'a lamp', seconds: '4', format: '9:16' },
		);
		const run = await world.engine.run(example('batch-from-a-sheet'), sheet);
		expectVideos(run, 'Finished', 2);
		expect(jsonOf(run, 'Finished').map(({ title }) => title)).toEqual(['Boat', 'Lamp']);
		expect(itemsOf(run, 'Finished')[0].binary?.data.fileName).toBe('Boat.mp4');
		const ids = [...world.emulator.requests.keys()];
		expect(jsonOf(run, 'Failed')).toMatchObject([
			{
				title: 'Bad row',
				reason: expect.stringContaining('Duration must be'),
				request_id: undefined,
			},
			{ title: 'Fails', reason: 'RunComfy could not make this video', request_id: ids[1] },
		]);
		expect(world.emulator.paidPosts).toBe(3);
	},

	async 'multi-shot-story'() {
		const run = await world.engine.run(example('multi-shot-story'));
		expectVideos(run, 'Kling Video', 1);
		expect(inputs(world.emulator)).toMatchObject([
			{ duration: 10, multi_prompt: [{ duration: 3 }, { duration: 4 }, { duration: 3 }] },
		]);
	},

	async 'submit-now-collect-later'() {
		const run = await world.engine.run(example('submit-now-collect-later'));
		expectVideos(run, 'Videos', 2);
		expect(world.emulator.paidPosts).toBe(2);
	},

	/** The agent is no part of n8n-core: its tool gets what an agent hands it, a model's arguments. */
	async 'ai-agent-with-a-video-tool'() {
		const json = example('ai-agent-with-a-video-tool');
		const tool = nodeOf(json, 'Kling Video');
		const chat = { ...nodeOf(json, 'When chat message received'), name: 'Agent', parameters: {} };
		const said = { prompt: 'a lighthouse at night', duration: 4, aspect_ratio: '9:16' };
		const run = await world.engine.run(
			{
				...json,
				nodes: [
					{ ...chat, type: 'n8n-nodes-base.manualTrigger' },
					{ ...tool, type: KLING },
				],
				connections: { Agent: { main: [[{ node: tool.name, type: 'main', index: 0 }]] } },
			},
			rows({ ...said, toolCallId: 'call_1' }),
		);
		expect(inputs(world.emulator)).toEqual([{ ...said, sound: true }]);
		expect(jsonOf(run, tool.name)).toMatchObject([{ url: expect.stringContaining('/media/') }]);
		expect(itemsOf(run, tool.name)[0].binary).toBeUndefined();
	},

	async 'recover-a-request'() {
		await world.run(['a boat', 'a lamp'], { operation: 'submit' });
		const ids = [...world.emulator.requests.keys()];
		const json = example('recover-a-request');
		nodeOf(json, 'Request IDs').parameters.jsonOutput = JSON.stringify({
			request_id: [...ids, 'put-a-request-id-here'],
		});
		const run = await world.engine.run(json);
		expectVideos(run, 'Videos', 2);
		expect(jsonOf(run, 'Videos').map(({ request_id }) => request_id)).toEqual(ids);
		expect(jsonOf(run, 'Not to be had')).toMatchObject([
			{ error: 'RunComfy does not know this request' },
		]);
		expect(world.emulator.paidPosts).toBe(2);
	},
};

describe('every workflow in examples', () => {
	it.each(exampleNames)('%s does what it is for', async (name) => {
		await examples[name]();
	});

	it.each(exampleNames)('%s explains itself in notes, and carries no credential', (name) => {
		const { nodes } = readExample(name);
		const notes = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
		expect(notes.length).toBeGreaterThan(1);
		expect(nodes.filter(({ credentials }) => credentials)).toEqual([]);
	});
});
