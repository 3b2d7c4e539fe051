import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { klingWorkflow } from '../engine/klingWorkflow';
import { chooseCredential, itemsOf } from '../fixtures/workflows';
import { startHost, type Host } from '../host/host';
import type { ExecutionRecord } from '../host/N8n';
import { Discord } from './platforms/Discord';
import { Dropbox } from './platforms/Dropbox';
import { FileHost } from './platforms/FileHost';
import { GoogleDrive } from './platforms/GoogleDrive';
import { Internet } from './platforms/Internet';
import { sha256, type Platform, type Upload } from './platforms/Platform';
import { S3 } from './platforms/S3';
import { Slack } from './platforms/Slack';
import { Telegram } from './platforms/Telegram';
import { YouTube } from './platforms/YouTube';

const platforms = {
	youTube: new YouTube(),
	drive: new GoogleDrive(),
	s3: new S3(),
	telegram: new Telegram(),
	slack: new Slack(),
	discord: new Discord(),
	fileHost: new FileHost(),
	dropbox: new Dropbox(),
};
const { youTube, drive, s3, telegram, slack, discord, fileHost, dropbox } = platforms;

const CASES = {
	'a small file': { title: 'Morning coffee', prompt: 'a latte' },
	'a file of 60 MB': { title: 'Long night', prompt: 'a lighthouse', bytes: 60_000_000 },
	'two files of one request': { title: 'Twins', prompt: '[videos] two boats' },
	'a Chinese title': { title: '深夜的灯塔:第二集 🌊', prompt: 'a lighthouse' },
};
type CaseName = keyof typeof CASES;
const SMALL: CaseName[] = ['a small file', 'two files of one request', 'a Chinese title'];

const TITLE = "={{ $('Ideas').item.json.title }}";
const FILE_NAME = '={{ $binary.data.fileName }}';

/** An OAuth credential of n8n's, as it is after its owner has connected the account. */
const connected = (token: string): object => ({
	clientId: 'client',
	clientSecret: 'secret',
	oauthTokenData: { access_token: token, token_type: 'Bearer' },
});

interface UploadNode {
	platform: Platform;
	node: { type: string; typeVersion: number; parameters: INodeParameters };
	credential?: { type: string; data: object };
	/** What the platform knows of a file besides its bytes. */
	expected: (file: { title: string; fileName: string }) => Omit<Upload, 'size' | 'sha256'>;
	/** What it answers in cases that it does not take. */
	refuses?: Partial<Record<CaseName, RegExp>>;
}

const type = 'video/mp4';

const nodes: Record<string, UploadNode> = {
	YouTube: {
		platform: youTube,
		node: {
			type: 'n8n-nodes-base.youTube',
			typeVersion: 1,
			parameters: {
				resource: 'video',
				operation: 'upload',
				title: TITLE,
				regionCode: 'US',
				categoryId: '24',
				options: { privacyStatus: 'private', description: TITLE, tags: 'ai,video' },
			},
		},
		credential: { type: 'youTubeOAuth2Api', data: connected(youTube.token) },
		expected: ({ title }) => ({ type, title }),
	},
	'Google Drive': {
		platform: drive,
		node: {
			type: 'n8n-nodes-base.googleDrive',
			typeVersion: 3,
			parameters: { name: FILE_NAME },
		},
		credential: { type: 'googleDriveOAuth2Api', data: connected(drive.token) },
		expected: ({ fileName }) => ({ type, name: fileName }),
	},
	S3: {
		platform: s3,
		node: {
			type: 'n8n-nodes-base.s3',
			typeVersion: 1,
			parameters: { operation: 'upload', bucketName: s3.bucket, fileName: FILE_NAME },
		},
		credential: {
			type: 's3',
			data: {
				endpoint: `https://s3.${s3.region}.amazonaws.com`,
				region: s3.region,
				accessKeyId: s3.accessKeyId,
				secretAccessKey: s3.secretAccessKey,
			},
		},
		expected: ({ fileName }) => ({ type, name: fileName }),
	},
	'AWS S3': {
		platform: s3,
		node: {
			type: 'n8n-nodes-base.awsS3',
			typeVersion: 2,
			parameters: { operation: 'upload', bucketName: s3.bucket, fileName: FILE_NAME },
		},
		credential: {
			type: 'aws',
			data: {
				region: s3.region,
				accessKeyId: s3.accessKeyId,
				secretAccessKey: s3.secretAccessKey,
			},
		},
		expected: ({ fileName }) => ({ type, name: fileName }),
	},
	Telegram: {
		platform: telegram,
		node: {
			type: 'n8n-nodes-base.telegram',
			typeVersion: 1.2,
			parameters: {
				operation: 'sendVideo',
				chatId: '@your_channel',
				binaryData: true,
				additionalFields: { caption: TITLE },
			},
		},
		credential: { type: 'telegramApi', data: { accessToken: telegram.token } },
		expected: ({ title, fileName }) => ({ type, title, name: fileName }),
		refuses: { 'a file of 60 MB': /Request Entity Too Large/ },
	},
	Slack: {
		platform: slack,
		node: {
			type: 'n8n-nodes-base.slack',
			typeVersion: 2.7,
			parameters: {
				resource: 'file',
				operation: 'upload',
				options: { channelId: 'C012AB3CD', title: TITLE },
			},
		},
		credential: { type: 'slackApi', data: { accessToken: slack.token } },
		expected: ({ title, fileName }) => ({ type, title, name: fileName }),
	},
	Discord: {
		platform: discord,
		node: {
			type: 'n8n-nodes-base.discord',
			typeVersion: 2,
			parameters: {
				resource: 'message',
				guildId: { __rl: true, mode: 'id', value: '041771983423143937' },
				channelId: { __rl: true, mode: 'id', value: '041771983444115456' },
				content: TITLE,
				files: { values: [{ inputFieldName: 'data' }] },
			},
		},
		credential: { type: 'discordBotApi', data: { botToken: discord.token } },
		expected: ({ title, fileName }) => ({ type, title, name: fileName }),
		refuses: { 'a file of 60 MB': /Request entity too large/ },
	},
	'HTTP Request (form)': {
		platform: fileHost,
		node: {
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.5,
			parameters: {
				method: 'POST',
				url: 'https://files.example.com/form',
				sendBody: true,
				contentType: 'multipart-form-data',
				bodyParameters: {
					parameters: [
						{ parameterType: 'formBinaryData', name: 'file', inputDataFieldName: 'data' },
						{ parameterType: 'formData', name: 'title', value: TITLE },
					],
				},
			},
		},
		expected: ({ title, fileName }) => ({ type, title, name: fileName }),
	},
	'HTTP Request (file)': {
		platform: fileHost,
		node: {
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.5,
			parameters: {
				method: 'PUT',
				url: '=https://files.example.com/{{ encodeURIComponent($binary.data.fileName) }}',
				sendBody: true,
				contentType: 'binaryData',
				inputDataFieldName: 'data',
			},
		},
		expected: ({ fileName }) => ({ type, name: fileName }),
	},
	Dropbox: {
		platform: dropbox,
		node: {
			type: 'n8n-nodes-base.dropbox',
			typeVersion: 1,
			parameters: {
				operation: 'upload',
				path: '=/Videos/{{ $binary.data.fileName }}',
				binaryData: true,
			},
		},
		credential: {
			type: 'dropboxApi',
			data: { accessToken: dropbox.token, accessType: 'folder' },
		},
		expected: ({ fileName }) => ({ name: fileName }),
	},
};

/** What Kling's files are made of here: the emulator's clip and, behind it, bytes of their own. */
function fileAt(path: string, bytes = 100_000): Buffer {
	const clip = RunComfyEmulator.file('16:9');
	const box = Buffer.alloc(Math.max(8, bytes - clip.length), sha256(Buffer.from(path)));
	box.writeUInt32BE(box.length);
	box.write('free', 4);
	return Buffer.concat([clip, box]);
}

describe.each(['filesystem', 'database'])('videos of Kling Video, stored as %s,', (store) => {
	let host: Host | undefined;
	let internet: Internet | undefined;

	beforeAll(async () => {
		internet = await Internet.start(Object.values(platforms));
		const env = { ...internet.env, N8N_DEFAULT_BINARY_DATA_MODE: store };
		host = await startHost({ scenario: 'instant' }, { env });
	}, 300_000);

	afterAll(async () => {
		await host?.stop();
		await internet?.stop();
	});

	async function upload(
		name: string,
		{ title, prompt, bytes }: (typeof CASES)[CaseName] & { bytes?: number },
	) {
		const { n8n, emulator, credential } = host as Host;
		const { node, credential: own, platform } = nodes[name];
		emulator.respond = (call, usual) => {
			const answer = usual();
			return call.endpoint === 'media' ? { ...answer, body: fileAt(call.path.split('?')[0], bytes) } : answer;
		};
		platform.uploads.length = 0;
		platform.refusals.length = 0;
		const json = chooseCredential(
			klingWorkflow({ options: { fileName: '={{ $json.title }}' } }),
			credential,
		);
		const credentials = own && {
			[own.type]: await n8n.createCredential(own.type, name, own.data),
		};
		Object.assign(json.nodes[2], {
			...node,
			name: 'Upload',
			...(credentials && { credentials }),
		} satisfies Partial<INode>);
		json.connections['Kling Video'].main = [[{ node: 'Upload', type: 'main', index: 0 }]];
		const pinData = { Ideas: [{ json: { title, prompt } as IDataObject }] };
		const { id } = await n8n.createWorkflow({ ...json, pinData });
		const record = await n8n.ended(await n8n.run(id, 'Ideas'), 180_000);
		const sent = itemsOf(record, 'Kling Video').map(({ json: { url }, binary }) => {
			const file = fileAt(new URL(String(url)).pathname, bytes);
			const about = nodes[name].expected({ title, fileName: String(binary?.data.fileName) });
			return { size: file.length, sha256: sha256(file), ...about };
		});
		return { record, sent, arrived: platform.uploads, refusals: platform.refusals };
	}

	const errorOf = ({ data }: ExecutionRecord) => {
		const error = data?.resultData.error;
		return error && [error.message, error.description, JSON.stringify(error)].join(' ');
	};

	describe.each(Object.keys(nodes))('by %s', (name) => {
		const refuses = nodes[name].refuses ?? {};
		const cases = store === 'filesystem' ? (Object.keys(CASES) as CaseName[]) : SMALL;

		it.each(cases)(
			'%s',
			async (caseName) => {
				const { record, sent, arrived, refusals } = await upload(name, CASES[caseName]);
				const refusal = refuses[caseName];
				if (refusal) {
					expect(errorOf(record)).toMatch(refusal);
					expect(arrived).toEqual([]);
				} else {
					expect({ error: errorOf(record), refusals }).toEqual({ error: undefined, refusals: [] });
					expect(arrived).toEqual(sent);
					expect(sent).toHaveLength(caseName === 'two files of one request' ? 2 : 1);
				}
			},
			200_000,
		);
	});
});
