import type { INode } from 'n8n-workflow';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { klingWorkflow } from '../engine/klingWorkflow';
import { located, modelWorkflow } from '../engine/modelWorkflow';
import { chooseCredential, itemsOf } from '../fixtures/workflows';
import { startHost, type Host } from '../host/host';
import type { ExecutionRecord } from '../host/N8n';
import { Internet } from './platforms/Internet';
import { sha256 } from './platforms/Platform';
import { credentialsOf, makePlatforms } from './platforms/platforms';
import { CASES, uploadNodes, type CaseName } from './platforms/uploadNodes';

const IMAGE_MODEL = 'blackforestlabs/flux-2/flash/text-to-image';
const ALL = Object.keys(CASES) as CaseName[];

/** Which cases run with which store: the second is for nodes that read a file piece by piece. */
const STORES: Record<string, { nodes: string[]; cases: CaseName[] }> = {
	filesystem: { nodes: Object.keys(uploadNodes), cases: ALL },
	database: {
		nodes: ['YouTube', 'Google Drive', 'AWS S3', 'Telegram', 'Slack', 'HTTP Request (form)'],
		cases: ['a file of 60 MB', 'two files of one request'],
	},
};

/** A file of RunComfy's: the emulator's, and behind it bytes of its own, up to a size. */
function fileAt(path: string, size = 100_000): Buffer {
	const clip = RunComfyEmulator.file('16:9', path.split('.').at(-1));
	const box = Buffer.alloc(size - clip.length, sha256(Buffer.from(path)));
	box.writeUInt32BE(box.length);
	box.write('free', 4);
	return Buffer.concat([clip, box]);
}

describe.each(Object.keys(STORES))('files of RunComfy, stored as %s,', (store) => {
	let host: Host;
	let internet: Internet;
	const platforms = makePlatforms(() => host.emulator.url);

	beforeAll(async () => {
		internet = await Internet.start(platforms);
		const env = { ...internet.env, N8N_DEFAULT_BINARY_DATA_MODE: store };
		host = await startHost({ scenario: 'instant' }, { env });
	}, 300_000);

	afterAll(async () => {
		await host?.stop();
		await internet?.stop();
	});

	/** A row of ideas, a node of ours, and the nodes that upload. */
	async function workflowOf(name: string, idea: { title: string; prompt: string }) {
		const { node, then = [], credential: type, takes } = uploadNodes[name];
		const options = { fileName: '={{ $json.title }}' };
		const json =
			takes === 'images'
				? modelWorkflow({ model: located(IMAGE_MODEL), prompt: '={{ $json.prompt }}', options })
				: klingWorkflow({ options });
		const [trigger, ours] = chooseCredential(json, host.credential).nodes;
		trigger.name = 'Ideas';
		const credentials = type && {
			[type]: await host.n8n.createCredential(type, name, credentialsOf(platforms)[type]),
		};
		const uploads = [node, ...then].map((each, index): INode => {
			const place = { id: `${index + 3}`, name: `Upload ${index + 1}`, position: [0, 0] };
			return { ...each, ...place, ...(credentials && { credentials }) } as INode;
		});
		json.nodes = [trigger, ours, ...uploads];
		json.connections = Object.fromEntries(
			json.nodes.slice(1).map((target, index) => {
				const main = [[{ node: target.name, type: 'main' as const, index: 0 }]];
				return [json.nodes[index].name, { main }];
			}),
		);
		return { ...json, pinData: { Ideas: [{ json: idea }] } };
	}

	async function upload(name: string, caseName: CaseName) {
		const { n8n, emulator } = host;
		const { platform, expected, takes } = uploadNodes[name];
		const { title, prompt, size } = { size: undefined, ...CASES[caseName] };
		emulator.respond = (call, usual) => {
			const answer = usual();
			if (call.endpoint !== 'media') {
				return takes === 'URLs' ? platforms.runComfyFiles.published(answer) : answer;
			}
			return { ...answer, body: fileAt(call.path.split('?')[0], size) };
		};
		const { uploads, refusals } = platforms[platform];
		uploads.length = 0;
		refusals.length = 0;
		const idea = {
			title,
			prompt: takes === 'images' ? prompt.replace('[videos]', '[images]') : prompt,
		};
		const { id } = await n8n.createWorkflow(await workflowOf(name, idea));
		const record = await n8n.ended(await n8n.run(id, 'Ideas'), 180_000);
		const files = itemsOf(record, takes === 'images' ? 'RunComfy' : 'Kling Video').map(
			({ json, binary }) => {
				const bytes = fileAt(new URL(String(json.url)).pathname, size);
				const about = expected({ title, fileName: String(binary?.data.fileName) });
				return { size: bytes.length, sha256: sha256(bytes), ...about };
			},
		);
		return { record, files, uploads, refusals };
	}

	const errorOf = ({ data }: ExecutionRecord) => {
		const error = data?.resultData.error;
		return error && JSON.stringify(error);
	};

	describe.each(STORES[store].nodes)('by %s', (name) => {
		const { refuses = {}, leftOut = {} } = uploadNodes[name];
		const cases = STORES[store].cases.filter((caseName) => !(caseName in leftOut));

		it.each(cases)(
			'%s',
			async (caseName) => {
				const { record, files, uploads, refusals } = await upload(name, caseName);
				const refusal = refuses[caseName];
				if (refusal) {
					expect(errorOf(record)).toMatch(refusal);
					expect(uploads).toEqual([]);
					return;
				}
				expect({ error: errorOf(record), refusals }).toEqual({ error: undefined, refusals: [] });
				expect(uploads).toEqual(files);
				expect(files.length > 1).toBe(caseName === 'two files of one request');
				expect(files).not.toEqual([]);
			},
			200_000,
		);
	});
});
