import type { INode } from 'n8n-workflow';
import type { Upload } from './Platform';
import type { credentialsOf, Platforms } from './platforms';

/** What is uploaded: a row of a sheet, and how large its files are, in bytes. */
export const CASES = {
	'a small file': { title: 'Morning coffee', prompt: 'a latte' },
	'a file of 60 MB': { title: 'Long night', prompt: 'a lighthouse', size: 60_000_000 },
	'two files of one request': { title: 'Twins', prompt: '[videos] two boats' },
	'a Chinese title': { title: '深夜的灯塔:第二集 🌊', prompt: 'a lighthouse' },
};
export type CaseName = keyof typeof CASES;

const TITLE = "={{ $('Ideas').item.json.title }}";
const FILE_NAME = '={{ $binary.data.fileName }}';

type NodeJson = Pick<INode, 'type' | 'typeVersion' | 'parameters'>;

/** A node that uploads, as its user fills it in, behind a node named Ideas and one of ours. */
interface UploadNode {
	/** Where it uploads to. */
	platform: keyof Platforms;
	node: NodeJson;
	/** The nodes behind it, where one is not enough. */
	then?: NodeJson[];
	/** The type of its credential. */
	credential?: keyof ReturnType<typeof credentialsOf>;
	/** What it takes in place of a video. */
	takes?: 'images' | 'URLs';
	/** What the platform knows of a file besides its bytes. */
	expected: (file: { title: string; fileName: string }) => Omit<Upload, 'size' | 'sha256'>;
	/** What the platform answers to what its rules do not allow. */
	refuses?: Partial<Record<CaseName, RegExp>>;
	/** Cases that are not run, each with the reason. */
	leftOut?: Partial<Record<CaseName, string>>;
}

const type = 'video/mp4';

const INSTAGRAM_ACCOUNT = '17841400008460056';

/** A call of the Facebook Graph API node. */
function graph(
	httpRequestMethod: 'GET' | 'POST',
	node: string,
	edge: string,
	query: Record<string, string>,
): NodeJson {
	const parameter = Object.entries(query).map(([name, value]) => ({ name, value }));
	return {
		type: 'n8n-nodes-base.facebookGraphApi',
		typeVersion: 1,
		parameters: {
			httpRequestMethod,
			graphApiVersion: 'v24.0',
			node,
			edge,
			options: { queryParameters: { parameter } },
		},
	};
}
/** Asks whether Instagram has processed a video; the stand-in needs three questions. */
const reelStatus = graph('GET', '={{ $json.id }}', '', { fields: 'status_code' });

export const uploadNodes: Record<string, UploadNode> = {
	YouTube: {
		platform: 'youTube',
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
		credential: 'youTubeOAuth2Api',
		expected: ({ title }) => ({ type, title }),
	},
	'Google Drive': {
		platform: 'drive',
		node: {
			type: 'n8n-nodes-base.googleDrive',
			typeVersion: 3,
			parameters: { name: FILE_NAME },
		},
		credential: 'googleDriveOAuth2Api',
		expected: ({ fileName }) => ({ type, name: fileName }),
	},
	S3: {
		platform: 's3',
		node: {
			type: 'n8n-nodes-base.s3',
			typeVersion: 1,
			parameters: { operation: 'upload', bucketName: 'videos', fileName: FILE_NAME },
		},
		credential: 's3',
		expected: ({ fileName }) => ({ type, name: fileName }),
	},
	'AWS S3': {
		platform: 's3',
		node: {
			type: 'n8n-nodes-base.awsS3',
			typeVersion: 2,
			parameters: { operation: 'upload', bucketName: 'videos', fileName: FILE_NAME },
		},
		credential: 'aws',
		expected: ({ fileName }) => ({ type, name: fileName }),
	},
	Telegram: {
		platform: 'telegram',
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
		credential: 'telegramApi',
		expected: ({ title, fileName }) => ({ type, title, name: fileName }),
		refuses: { 'a file of 60 MB': /Request Entity Too Large/ },
	},
	Slack: {
		platform: 'slack',
		node: {
			type: 'n8n-nodes-base.slack',
			typeVersion: 2.7,
			parameters: {
				resource: 'file',
				operation: 'upload',
				options: { channelId: 'C012AB3CD', title: TITLE },
			},
		},
		credential: 'slackApi',
		expected: ({ title, fileName }) => ({ type, title, name: fileName }),
	},
	Discord: {
		platform: 'discord',
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
		credential: 'discordBotApi',
		expected: ({ title, fileName }) => ({ type, title, name: fileName }),
		refuses: { 'a file of 60 MB': /Request entity too large/ },
	},
	'HTTP Request (form)': {
		platform: 'fileHost',
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
		platform: 'fileHost',
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
		platform: 'dropbox',
		node: {
			type: 'n8n-nodes-base.dropbox',
			typeVersion: 1,
			parameters: {
				operation: 'upload',
				path: '=/Videos/{{ $binary.data.fileName }}',
				binaryData: true,
			},
		},
		credential: 'dropboxApi',
		expected: ({ fileName }) => ({ name: fileName }),
		leftOut: {
			'a file of 60 MB': 'n8n’s node lists the keys of the buffer: n8n stands still for a minute',
		},
	},
	'Dropbox, by HTTP Request': {
		platform: 'dropbox',
		node: {
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.5,
			parameters: {
				method: 'POST',
				url: 'https://content.dropboxapi.com/2/files/upload',
				authentication: 'predefinedCredentialType',
				nodeCredentialType: 'dropboxApi',
				sendQuery: true,
				queryParameters: {
					parameters: [
						{
							name: 'arg',
							value: "={{ JSON.stringify({ path: '/Videos/' + $binary.data.fileName }) }}",
						},
					],
				},
				sendHeaders: true,
				headerParameters: {
					parameters: [{ name: 'Content-Type', value: 'application/octet-stream' }],
				},
				sendBody: true,
				contentType: 'binaryData',
				inputDataFieldName: 'data',
			},
		},
		credential: 'dropboxApi',
		expected: ({ fileName }) => ({ name: fileName }),
	},
	'FTP, over SFTP': {
		platform: 'sftp',
		node: {
			type: 'n8n-nodes-base.ftp',
			typeVersion: 1.1,
			parameters: { protocol: 'sftp', operation: 'upload', path: FILE_NAME },
		},
		credential: 'sftp',
		expected: ({ fileName }) => ({ name: fileName }),
	},
	'Facebook Graph API, to a Page': {
		platform: 'facebook',
		node: {
			type: 'n8n-nodes-base.facebookGraphApi',
			typeVersion: 1,
			parameters: {
				hostUrl: 'graph-video.facebook.com',
				httpRequestMethod: 'POST',
				graphApiVersion: 'v24.0',
				node: '104536229052845',
				edge: 'videos',
				sendBinaryData: true,
				binaryPropertyName: 'source:data',
				options: { queryParameters: { parameter: [{ name: 'title', value: TITLE }] } },
			},
		},
		credential: 'facebookGraphApi',
		expected: ({ title, fileName }) => ({ type, title, name: fileName }),
	},
	'Facebook Graph API, as an Instagram Reel': {
		platform: 'facebook',
		takes: 'URLs',
		node: graph('POST', INSTAGRAM_ACCOUNT, 'media', {
			media_type: 'REELS',
			video_url: '={{ $json.url }}',
			caption: TITLE,
		}),
		then: [
			reelStatus,
			reelStatus,
			reelStatus,
			graph('POST', INSTAGRAM_ACCOUNT, 'media_publish', { creation_id: '={{ $json.id }}' }),
		],
		credential: 'facebookGraphApi',
		expected: ({ title }) => ({ type, title }),
	},
	'WordPress, and HTTP Request before it': {
		platform: 'wordPress',
		node: {
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.5,
			parameters: {
				method: 'POST',
				url: 'https://blog.example.com/wp-json/wp/v2/media',
				authentication: 'predefinedCredentialType',
				nodeCredentialType: 'wordpressApi',
				sendBody: true,
				contentType: 'multipart-form-data',
				bodyParameters: {
					parameters: [
						{ parameterType: 'formBinaryData', name: 'file', inputDataFieldName: 'data' },
					],
				},
			},
		},
		then: [
			{
				type: 'n8n-nodes-base.wordpress',
				typeVersion: 1,
				parameters: {
					title: TITLE,
					additionalFields: {
						content: '=<video controls src="{{ $json.source_url }}"></video>',
						status: 'publish',
					},
				},
			},
		],
		credential: 'wordpressApi',
		expected: ({ title, fileName }) => ({ type, title, name: fileName }),
	},
	LinkedIn: {
		platform: 'linkedIn',
		takes: 'images',
		node: {
			type: 'n8n-nodes-base.linkedIn',
			typeVersion: 1,
			parameters: { person: '8675309', text: TITLE, shareMediaCategory: 'IMAGE' },
		},
		credential: 'linkedInOAuth2Api',
		expected: ({ title }) => ({ type: 'image/png', title }),
		leftOut: { 'a file of 60 MB': 'LinkedIn takes no images of this size' },
	},
};
