import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, untilListening } from '../host/processes';

const SSHD = '/usr/sbin/sshd';

/** A local OpenSSH server that takes files over SFTP, for the user who runs the tests. */
export class SftpServer {
	private constructor(
		readonly port: number,
		readonly folder: string,
		private readonly child: ChildProcess,
	) {}

	static readonly installed = existsSync(SSHD);

	static async start(): Promise<SftpServer> {
		const folder = mkdtempSync(join(tmpdir(), 'sftp-'));
		const port = await freePort();
		for (const key of ['host', 'user']) {
			execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
		}
		writeFileSync(
			join(folder, 'config'),
			[
				`Port ${port}`,
				'ListenAddress 127.0.0.1',
				`HostKey ${join(folder, 'host')}`,
				`AuthorizedKeysFile ${join(folder, 'user.pub')}`,
				`PidFile ${join(folder, 'pid')}`,
				'PasswordAuthentication no',
				'PermitRootLogin yes',
				'StrictModes no',
				'UsePAM no',
				'Subsystem sftp internal-sftp',
			].join('\n'),
		);
		execFileSync('mkdir', ['-p', '/run/sshd']);
		const child = spawn(SSHD, ['-D', '-f', join(folder, 'config')], { stdio: 'ignore' });
		await untilListening(port, 10_000);
		return new SftpServer(port, folder, child);
	}

	/** What n8n's SFTP credential needs. */
	get credential(): object {
		return {
			host: '127.0.0.1',
			port: this.port,
			username: userInfo().username,
			password: '',
			privateKey: readFileSync(join(this.folder, 'user'), 'utf8'),
			passphrase: '',
		};
	}

	stop(): void {
		this.child.kill();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
