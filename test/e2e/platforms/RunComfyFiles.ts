import type { Answer } from '../../emulator/faults';
import { Platform, type Call } from './Platform';

const HOST = 'files.runcomfy.net';

/** Where RunComfy's results are on the internet, while the emulator has them. */
export class RunComfyFiles extends Platform {
	readonly hosts = [HOST];

	/** @param emulator its URL */
	constructor(private readonly emulator: () => string) {
		super();
	}

	/** An answer of the emulator in which its files have their public address. */
	published<Given extends Answer>(answer: Given): Given {
		const body = answer.body
			.toString()
			.replaceAll(`${this.emulator()}/media/`, `https://${HOST}/media/`);
		return { ...answer, body };
	}

	/** Downloads a file from its public address, as a platform does that is given it. */
	async download(address: string): Promise<Response> {
		const { pathname, search } = new URL(address);
		return await fetch(`${this.emulator()}${pathname}${search}`);
	}

	protected async respond({ url }: Call): Promise<Answer> {
		const response = await this.download(url.href);
		const body = Buffer.from(await response.arrayBuffer());
		const { 'content-type': type = '' } = Object.fromEntries(response.headers);
		return { status: response.status, headers: { 'content-type': type }, body };
	}
}
