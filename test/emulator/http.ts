import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './faults';
import type { Endpoint } from './scenarios';

/** What a call is about: the endpoint, and the id of a model, a request or a file. */
export interface Place {
	endpoint: Endpoint;
	id: string;
}

/** Which call of the Model API a method and a path are. */
export function locate(method: string, path: string): Place | undefined {
	const list = /^\/v1\/models(?:\/(categories))?$/.exec(path);
	if (list && method === 'GET') return { endpoint: 'models', id: list[1] ?? '' };
	const [, modelId] = /^\/v1\/models\/(.+)$/.exec(path) ?? [];
	if (modelId) {
		return { endpoint: method === 'POST' ? 'submit' : 'model', id: decodeURIComponent(modelId) };
	}
	const [, file] = /^\/media\/([^/]+)$/.exec(path) ?? [];
	if (file) return { endpoint: 'media', id: file };
	const [, requestId, verb] = /^\/v1\/requests\/([^/]+)\/(status|result|cancel)$/.exec(path) ?? [];
	if (!requestId || (verb === 'cancel') !== (method === 'POST')) return undefined;
	return { endpoint: verb as Endpoint, id: decodeURIComponent(requestId) };
}

/** An answer of JSON. */
export function json(status: number, body: unknown): Answer & { body: string } {
	return {
		status,
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	};
}

/** A refusal in RunComfy's own form. */
export function error(status: number, code: number, name: string): Answer {
	return json(status, { error_code: code, error_message: name });
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
	const chunked = headers?.['transfer-encoding'] !== undefined;
	const length = chunked ? {} : { 'content-length': Buffer.byteLength(body) };
	response.writeHead(status, { ...headers, ...length }).end(body);
}

/** The body of a call, whole. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

/** The JSON that a text holds; nothing when it holds none. */
export function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
