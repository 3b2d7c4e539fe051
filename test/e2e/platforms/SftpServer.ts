import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Server, utils, type AuthContext, type Connection, type SFTPWrapper } from 'ssh2';
import { sha256, type Upload } from './Platform';

const USERNAME = 'tester';
const PASSWORD = 'tester-password';
const { OK, FAILURE } = utils.sftp.STATUS_CODE;

/** Takes files over SFTP. */
export class SftpServer {
	readonly uploads: Upload[] = [];
	readonly refusals: string[] = [];
	// Clients send larger writes to an OpenSSH, and each waits for a delayed acknowledgement.
	private readonly server = new Server(
		{ hostKeys: [utils.generateKeyPairSync('ed25519').private], ident: 'OpenSSH_9.2' },
		(connection) => this.serve(connection),
	);

	async listen(): Promise<void> {
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
	}

	/** What n8n's SFTP credential needs. */
	get credential(): object {
		const { port } = this.server.address() as AddressInfo;
		return { host: '127.0.0.1', port, username: USERNAME, password: PASSWORD };
	}

	async stop(): Promise<void> {
		await new Promise((resolve) => this.server.close(resolve));
	}

	private serve(connection: Connection): void {
		connection
			.on('error', () => connection.end())
			.on('authentication', authenticate)
			.on('session', (accept) => accept().on('sftp', (acceptSftp) => this.receive(acceptSftp())));
	}

	/** Answers what an upload asks for; ssh2 refuses all else. A handle is the path of its file. */
	private receive(sftp: SFTPWrapper): void {
		let chunks: Buffer[] = [];
		let written = 0;
		sftp
			.on('OPEN', (id, path) => {
				chunks = [];
				written = 0;
				sftp.handle(id, Buffer.from(path));
			})
			.on('FSETSTAT', (id) => sftp.status(id, OK))
			.on('WRITE', (id, _, offset, data) => {
				const follows = offset === written;
				if (!follows) this.refusals.push(`a write at ${offset} after ${written} bytes`);
				chunks.push(Buffer.from(data));
				written += data.length;
				sftp.status(id, follows ? OK : FAILURE);
			})
			.on('CLOSE', (id, handle) => {
				const bytes = Buffer.concat(chunks);
				this.uploads.push({ size: bytes.length, sha256: sha256(bytes), name: `${handle}` });
				sftp.status(id, OK);
			});
	}
}

function authenticate(context: AuthContext): void {
	const isTester = context.method === 'password' && context.password === PASSWORD;
	if (isTester && context.username === USERNAME) context.accept();
	else context.reject(['password']);
}
