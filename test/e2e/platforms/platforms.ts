import { Discord } from './Discord';
import { Dropbox } from './Dropbox';
import { FacebookGraph } from './FacebookGraph';
import { FileHost } from './FileHost';
import { GoogleDrive } from './GoogleDrive';
import { GoogleSheets } from './GoogleSheets';
import { LinkedIn } from './LinkedIn';
import { RunComfyFiles } from './RunComfyFiles';
import { S3 } from './S3';
import { SftpServer } from './SftpServer';
import { Slack } from './Slack';
import { Telegram } from './Telegram';
import { WordPress } from './WordPress';
import { YouTube } from './YouTube';

export type Platforms = ReturnType<typeof makePlatforms>;

/**
 * All stand-ins.
 *
 * @param emulatorUrl of the RunComfy that has the files, once it runs
 */
export function makePlatforms(emulatorUrl: () => string) {
	const runComfyFiles = new RunComfyFiles(emulatorUrl);
	return {
		discord: new Discord(),
		dropbox: new Dropbox(),
		drive: new GoogleDrive(),
		facebook: new FacebookGraph(async (address) => await runComfyFiles.download(address)),
		fileHost: new FileHost(),
		linkedIn: new LinkedIn(),
		runComfyFiles,
		s3: new S3(),
		sftp: new SftpServer(),
		sheets: new GoogleSheets([]),
		slack: new Slack(),
		telegram: new Telegram(),
		wordPress: new WordPress(),
		youTube: new YouTube(),
	};
}

/** What n8n's credentials for them hold, by type; OAuth ones as they are once the account is connected. */
export function credentialsOf(platforms: Platforms) {
	const { s3, wordPress } = platforms;
	const { region, accessKeyId, secretAccessKey } = s3;
	const connected = ({ token }: { token: string }) => ({
		clientId: 'client',
		clientSecret: 'secret',
		oauthTokenData: { access_token: token, token_type: 'Bearer' },
	});
	return {
		aws: { region, accessKeyId, secretAccessKey },
		discordBotApi: { botToken: platforms.discord.token },
		dropboxApi: { accessToken: platforms.dropbox.token, accessType: 'folder' },
		facebookGraphApi: { accessToken: platforms.facebook.token },
		googleDriveOAuth2Api: connected(platforms.drive),
		googleSheetsOAuth2Api: connected(platforms.sheets),
		linkedInOAuth2Api: connected(platforms.linkedIn),
		s3: {
			endpoint: `https://s3.${region}.amazonaws.com`,
			region,
			accessKeyId,
			secretAccessKey,
		},
		sftp: platforms.sftp.credential,
		slackApi: { accessToken: platforms.slack.token },
		telegramApi: { accessToken: platforms.telegram.token },
		wordpressApi: { ...wordPress.user, url: 'https://blog.example.com' },
		youTubeOAuth2Api: connected(platforms.youTube),
	};
}
