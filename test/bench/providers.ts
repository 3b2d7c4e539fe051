import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';

/**
 * Look-alikes of the APIs that n8n's OpenAI and Google Gemini video nodes call, as far as those nodes
 * use them (n8n 2.41.1): a job is done after a given time, then the file can be fetched.
 */
export class OtherProviders {
	calls = 0;
	private readonly jobs = new Map<string, number>();
	private readonly server: Server;

	private constructor(jobMs: number) {
		const file = RunComfyEmulator.file('16:9');
		this.server = createServer((request, response) => {
			this.calls++;
			request.resume();
			const path = new URL(request.url ?? '', 'http://provider').pathname;
			const json = (body: object) =>
				response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
			const id = /(job-\d+)/.exec(path)?.[1] ?? `job-${this.jobs.size}`;
			if (request.method === 'POST') this.jobs.set(id, Date.now() + jobMs);
			const done = Date.now() >= (this.jobs.get(id) ?? 0);
			if (path.endsWith('/content') || path.startsWith('/files/')) {
				response.writeHead(200, { 'content-type': 'video/mp4' }).end(file);
			} else if (path.startsWith('/v1beta/')) {
				const uri = `${this.url}/files/${id}`;
				const generateVideoResponse = { generatedSamples: [{ video: { uri } }] };
				json({
					name: `operations/${id}`,
					...(done && { done, response: { generateVideoResponse } }),
				});
			} else {
				json({ id, status: done ? 'completed' : 'in_progress' });
			}
		});
	}

	static async start(jobMs: number): Promise<OtherProviders> {
		const providers = new OtherProviders(jobMs);
		await new Promise<void>((resolve) => providers.server.listen(0, '127.0.0.1', resolve));
		return providers;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}
