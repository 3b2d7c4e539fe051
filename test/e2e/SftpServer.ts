import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Server, utils, type AuthContext, type Connection, type SFTPWrapper } from 'ssh2';

const USERNAME = 'tester';
const PASSWORD = 'tester-password';
const { OK } = utils.sftp.STATUS_CODE;

/** Takes files over SFTP, and keeps them in memory. */
export class SftpServer {
	/** What was uploaded, by path. */
	readonly files = new Map<string, Buffer>();
	private readonly server = new Server(
		{ hostKeys: [utils.generateKeyPairSync('ed25519').private] },
		(connection) => this.serve(connection),
	);

	static async start(): Promise<SftpServer> {
		const sftp = new SftpServer();
		sftp.server.listen(0, '127.0.0.1');
		await once(sftp.server, 'listening');
		return sftp;
	}

	/** What n8n's SFTP credential needs. */
	get credential(): object {
		const { port } = this.server.address() as AddressInfo;
		return { host: '127.0.0.1', port, username: USERNAME, password: PASSWORD };
	}

	stop(): void {
		this.server.close();
	}

	private serve(connection: Connection): void {
		connection
			.on('authentication', authenticate)
			.on('session', (accept) => accept().on('sftp', (acceptSftp) => this.receive(acceptSftp())));
	}

	/** Answers what an upload asks for; ssh2 refuses all else. A handle is the path of its file. */
	private receive(sftp: SFTPWrapper): void {
		sftp
			.on('OPEN', (id, path) => {
				this.files.set(path, Buffer.alloc(0));
				sftp.handle(id, Buffer.from(path));
			})
			.on('FSETSTAT', (id) => sftp.status(id, OK))
			.on('WRITE', (id, handle, offset, data) => {
				const written = this.files.get(handle.toString())?.subarray(0, offset);
				this.files.set(handle.toString(), Buffer.concat([written ?? Buffer.alloc(0), data]));
				sftp.status(id, OK);
			})
			.on('CLOSE', (id) => sftp.status(id, OK));
	}
}

function authenticate(context: AuthContext): void {
	const isTester = context.method === 'password' && context.password === PASSWORD;
	if (isTester && context.username === USERNAME) context.accept();
	else context.reject(['password']);
}
