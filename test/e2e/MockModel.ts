import type { IncomingMessage, ServerResponse } from 'node:http';
import { LocalServer } from '../emulator/LocalServer';
import { json, readBody, send } from '../emulator/http';

interface ChatMessage {
	role: string;
	content?: unknown;
}

/**
 * A model that speaks OpenAI's chat API: turn by turn it calls the first tool it is given, with the
 * arguments it was told, and then answers with the URL that the tool's last reply names.
 */
export class MockModel extends LocalServer {
	/** The tools of the last request, as the agent described them. */
	tools: Array<{ function: { name: string; description: string; parameters: unknown } }> = [];
	/** What the tool has replied so far, as the agent told it in the last request. */
	replies: string[] = [];
	private asked = 0;
	private constructor(private readonly turns: object[][]) {
		super();
	}

	/** @param turns the arguments of its calls: turns one after the other, the calls of a turn at once */
	static async start(...turns: object[][]): Promise<MockModel> {
		return await new MockModel(turns).listen();
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
		this.replies = (messages ?? [])
			.filter(({ role }) => role === 'tool')
			.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content)));
		const turn = this.asked++;
		const calls = this.turns.at(turn);
		const url = /https?:\/\/[^\s"\\]+/.exec(this.replies.at(-1) ?? '')?.[0];
		const message = calls
			? { role: 'assistant', content: null, tool_calls: calls.map(this.callOf(turn)) }
			: { role: 'assistant', content: `Your video is ready: ${url ?? 'no URL was given'}` };
		return {
			id: `chat-${turn}`,
			object: 'chat.completion',
			created: 1,
			model,
			choices: [{ index: 0, message, finish_reason: calls ? 'tool_calls' : 'stop' }],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		};
	}

	private callOf(turn: number): (args: object, index: number) => object {
		return (args, index) => ({
			id: `call_${turn}_${index}`,
			type: 'function',
			function: { name: this.tools[0]?.function.name, arguments: JSON.stringify(args) },
		});
	}
}
