import type { IncomingMessage, ServerResponse } from 'node:http';
import { LocalServer } from '../emulator/LocalServer';
import { json, send } from '../emulator/http';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { networkLatency } from './latency';

/**
 * Stand-ins for the APIs that n8n's OpenAI and Google Gemini video nodes call, as far as those nodes
 * use them (n8n 2.41.1): a job is done after a given time, then the file can be fetched. The network is
 * the same as before the emulator.
 */
export class OtherProviders extends LocalServer {
	private readonly jobs = new Map<string, number>();

	private constructor(
		private readonly jobMs: number,
		private readonly latency: () => number,
	) {
		super();
	}

	static async start(jobMs: number, latencyMs: number): Promise<OtherProviders> {
		return await new OtherProviders(jobMs, networkLatency(latencyMs, 1)).listen();
	}

	protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		request.resume();
		const path = new URL(request.url ?? '', 'http://provider').pathname;
		const id = /(job-\d+)/.exec(path)?.[1] ?? `job-${this.jobs.size}`;
		if (request.method === 'POST') this.jobs.set(id, Date.now() + this.jobMs);
		const done = Date.now() >= (this.jobs.get(id) ?? 0);
		await new Promise((resolve) => setTimeout(resolve, this.latency()));
		if (path.endsWith('/content') || path.startsWith('/files/')) {
			response.writeHead(200, { 'content-type': 'video/mp4' }).end(RunComfyEmulator.file('16:9'));
		} else if (path.startsWith('/v1beta/')) {
			const uri = `${this.url}/files/${id}`;
			const generateVideoResponse = { generatedSamples: [{ video: { uri } }] };
			send(
				response,
				json(200, {
					name: `operations/${id}`,
					...(done && { done, response: { generateVideoResponse } }),
				}),
			);
		} else {
			send(response, json(200, { id, status: done ? 'completed' : 'in_progress' }));
		}
	}
}
