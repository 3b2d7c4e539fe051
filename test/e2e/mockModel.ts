import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ChatMessage {
	role: string;
	content?: unknown;
}

/**
 * A model that speaks OpenAI's chat API: it calls the first tool it is given, with the arguments it was
 * told, and then answers with the URL that the tool's reply names.
 */
export class MockModel {
	/** The tools of the last request, as the agent described them. */
	tools: Array<{ function: { name: string; description: string; parameters: unknown } }> = [];
	private readonly server: Server;

	private constructor(private readonly toolArguments: object) {
		this.server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				response.writeHead(200, { 'content-type': 'application/json' });
				response.end(JSON.stringify(this.answer(Buffer.concat(chunks).toString())));
			});
		});
	}

	static async start(toolArguments: object): Promise<MockModel> {
		const model = new MockModel(toolArguments);
		await new Promise<void>((resolve) => model.server.listen(0, '127.0.0.1', resolve));
		return model;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private answer(body: string): object {
		const { messages, tools, model } = JSON.parse(body || '{}') as {
			messages?: ChatMessage[];
			tools?: MockModel['tools'];
			model?: string;
		};
		this.tools = tools ?? this.tools;
		const reply = messages?.findLast(({ role }) => role === 'tool');
		const url = /https?:\/\/[^\s"\\]+/.exec(JSON.stringify(reply?.content ?? ''))?.[0];
		const message = reply
			? { role: 'assistant', content: `Your video is ready: ${url ?? 'no URL was given'}` }
			: {
					role: 'assistant',
					content: null,
					tool_calls: [
						{
							id: 'call_1',
							type: 'function',
							function: {
								name: this.tools[0]?.function.name,
								arguments: JSON.stringify(this.toolArguments),
							},
						},
					],
				};
		return {
			id: 'chat-1',
			object: 'chat.completion',
			created: 1,
			model,
			choices: [{ index: 0, message, finish_reason: reply ? 'stop' : 'tool_calls' }],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		};
	}
}
