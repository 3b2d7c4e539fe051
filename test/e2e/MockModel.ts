import type { IncomingMessage, ServerResponse } from 'node:http';
import { LocalServer } from '../emulator/LocalServer';
import { json, readBody, send } from '../emulator/http';

interface ChatMessage {
	role: string;
	content?: unknown;
}

/**
 * A model that speaks OpenAI's chat API: it calls the first tool it is given, with the arguments it was
 * told, and then answers with the URL that the tool's reply names.
 */
export class MockModel extends LocalServer {
	/** The tools of the last request, as the agent described them. */
	tools: Array<{ function: { name: string; description: string; parameters: unknown } }> = [];
	private constructor(private readonly toolArguments: object) {
		super();
	}

	static async start(toolArguments: object): Promise<MockModel> {
		return await new MockModel(toolArguments).listen();
	}

	/** What the credential of a model names. */
	override get url(): string {
		return `${super.url}/v1`;
	}

	protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		send(response, json(200, this.reply((await readBody(request)).toString())));
	}

	private reply(body: string): object {
		const { messages, tools, model } = JSON.parse(body || '{}') as {
			messages?: ChatMessage[];
			tools?: MockModel['tools'];
			model?: string;
		};
		this.tools = tools ?? this.tools;
		const answer = messages?.findLast(({ role }) => role === 'tool');
		const url = /https?:\/\/[^\s"\\]+/.exec(JSON.stringify(answer?.content ?? ''))?.[0];
		const message = answer
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
			choices: [{ index: 0, message, finish_reason: answer ? 'stop' : 'tool_calls' }],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		};
	}
}
