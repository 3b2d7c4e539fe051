import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { matchesApiPage } from '../fixtures/klingInputSchema';
import { FAULTS, type Answer, type FaultName } from './faults';
import { scenarioOf, type Endpoint, type Scenario, type ScenarioName } from './scenarios';

/** A paid request as the emulator keeps it. */
export interface EmulatedRequest {
	requestId: string;
	model: string;
	input: Record<string, unknown>;
	scenario: Scenario;
	createdAt: number;
	cancelledAt?: number;
}

/** One call as it arrived. */
export interface Call {
	endpoint: Endpoint;
	requestId?: string;
	/** Epoch ms on the emulator's clock. */
	at: number;
	headers: IncomingHttpHeaders;
	/** What went wrong with it, if anything did. */
	fault?: FaultName;
}

export interface EmulatorOptions {
	/** The token that is accepted. */
	token?: string;
	/** The clock that requests age by; the real one by default. */
	now?: () => number;
	/** What a prompt without `[name]` plays. */
	scenario?: ScenarioName;
	/** Chooses a fault for a call; it comes before those of the scenario. */
	chooseFault?: (call: { endpoint: Endpoint; requestId?: string }) => FaultName | undefined;
	/** 0 for any free port. */
	port?: number;
	/** Told of every call. */
	onCall?: (call: Call) => void;
}

const clip = (name: string) => readFileSync(join(__dirname, '../fixtures/clips', name));

/** RunComfy's Model API on 127.0.0.1, with real files, named scenarios, and every call counted. */
export class RunComfyEmulator {
	readonly calls: Call[] = [];
	readonly requests = new Map<string, EmulatedRequest>();
	/** What to do when a call arrives that should see a fault; may be changed at any time. */
	chooseFault: NonNullable<EmulatorOptions['chooseFault']>;
	/** How long to hold back the answer to a call, in real ms; may be changed at any time. */
	delay: (call: Call) => number = () => 0;
	/** Where the fault `redirect` leads to; nowhere by default. */
	redirectTo = 'http://127.0.0.1:9';
	/** The URL that results name in place of the emulator's own file. */
	mediaUrl?: string;
	/** Where a download is redirected to once; `{name}` stands for the file. */
	mediaRedirect?: string;
	/** Redirects every download, and not only the first of a file. */
	redirectAlways = false;
	/** Sends files without a Content-Length. */
	chunkedMedia = false;
	readonly token: string;
	private readonly faultsPlayed = new Map<string, number>();
	private readonly redirected = new Set<string>();
	private readonly server: Server;
	private readonly now: () => number;
	private paid = 0;

	private constructor(private readonly options: EmulatorOptions) {
		this.token = options.token ?? 'emulator-token';
		this.now = options.now ?? Date.now;
		this.chooseFault = options.chooseFault ?? (() => undefined);
		this.server = createServer((request, response) => {
			this.handle(request, response).catch((error: unknown) => {
				console.error('emulator:', error);
				response.destroy();
			});
		});
	}

	static async start(options: EmulatorOptions = {}): Promise<RunComfyEmulator> {
		const emulator = new RunComfyEmulator(options);
		await new Promise<void>((resolve, reject) => {
			emulator.server.once('error', reject);
			emulator.server.listen(options.port ?? 0, '127.0.0.1', resolve);
		});
		return emulator;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** How many POSTs were taken that would cost money. */
	get paidPosts(): number {
		return this.paid;
	}

	/** How many calls of an endpoint have arrived. */
	count(endpoint: Endpoint): number {
		return this.calls.filter((call) => call.endpoint === endpoint).length;
	}

	/** The bytes that a request's file has. */
	static file(aspectRatio: unknown, still = false): Buffer {
		if (still) return clip('still.png');
		return clip(`${String(aspectRatio ?? '16:9').replace(':', 'x')}.mp4`);
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await readBody(request);
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://emulator');
		const place = locate(request.method ?? '', pathname);
		if (!place) return send(response, json(404, { detail: 'Not Found' }));
		const { endpoint, id } = place;
		const call: Call = { endpoint, requestId: id, at: this.now(), headers: request.headers };
		if (endpoint === 'submit' || endpoint === 'model') delete call.requestId;
		this.calls.push(call);
		this.options.onCall?.(call);

		const input = endpoint === 'submit' ? parse(body) : undefined;
		const fault = this.faultFor(call, id, input);
		if (fault) call.fault = fault;
		if (fault && !FAULTS[fault].taken) {
			const nothing = { status: 200, headers: { location: this.redirectTo }, body: '' };
			return FAULTS[fault].play(response, nothing);
		}
		const answer =
			endpoint === 'media'
				? this.media(id)
				: request.headers.authorization === `Bearer ${this.token}`
					? this.api(endpoint, id, input, searchParams)
					: error(401, 400004, 'UserAccountError');
		const delayMs = this.delay(call);
		if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
		if (fault) FAULTS[fault].play(response, answer);
		else send(response, answer);
	}

	private faultFor(call: Call, id: string, input: unknown): FaultName | undefined {
		const chosen = this.chooseFault(call);
		if (chosen) return chosen;
		const prompt = (input as { prompt?: unknown } | undefined)?.prompt;
		const owner = this.requests.get(id.replace(/_\d+\.\w+$/, ''));
		const scenario = owner?.scenario ?? scenarioOf(prompt, this.options.scenario ?? 'quick');
		const faults = scenario.faults[call.endpoint];
		if (!faults) return undefined;
		const key = `${call.endpoint} ${owner?.requestId ?? JSON.stringify(prompt)}`;
		const played = this.faultsPlayed.get(key) ?? 0;
		this.faultsPlayed.set(key, played + 1);
		return faults[played];
	}

	private api(endpoint: Endpoint, id: string, input: unknown, query: URLSearchParams): Answer {
		if (endpoint === 'submit') return this.submit(id, input);
		if (endpoint === 'model') return json(200, { model_id: id, price_unit: 'second' });
		const request = this.requests.get(id);
		if (!request) return error(404, 404001, 'ResourceNotFound');
		if (endpoint === 'status') return json(200, this.status(request));
		if (endpoint === 'result') return json(200, this.result(request, query.has('include_cost')));
		return json(200, this.cancel(request));
	}

	private submit(model: string, input: unknown): Answer {
		if (!model.startsWith('kling/')) return error(404, 400001, 'InvalidResourceIdentifier');
		if (!matchesApiPage(input)) {
			const detail = matchesApiPage.errors?.map(({ instancePath, message }) => ({
				loc: ['body', ...instancePath.split('/').slice(1)],
				msg: message,
			}));
			return json(422, { detail });
		}
		const { duration = 5, multi_prompt: segments } = input as {
			duration?: number;
			multi_prompt?: Array<{ duration?: number }>;
		};
		const sum = segments?.reduce((total, segment) => total + (segment.duration ?? 5), 0);
		if (segments?.length && sum !== duration) {
			return json(422, { detail: `multi_prompt lasts ${sum} s, duration is ${duration} s` });
		}
		const { prompt } = input as { prompt: string };
		const request: EmulatedRequest = {
			requestId: randomUUID(),
			model,
			input: input as Record<string, unknown>,
			scenario: scenarioOf(prompt, this.options.scenario ?? 'quick'),
			createdAt: this.now(),
		};
		this.requests.set(request.requestId, request);
		this.paid++;
		return json(200, { request_id: request.requestId, ...this.links(request) });
	}

	/** Where a request stands by the clock. */
	stateOf({ createdAt, cancelledAt, scenario }: EmulatedRequest): string {
		const age = this.now() - createdAt;
		if (cancelledAt !== undefined) return 'cancelled';
		if (age < scenario.queuedMs) return 'in_queue';
		if (age < scenario.queuedMs + scenario.runMs) return 'in_progress';
		return scenario.ends;
	}

	private status(request: EmulatedRequest): Record<string, unknown> {
		const { requestId, scenario, createdAt } = request;
		const state = this.stateOf(request);
		const done = Math.min(1, (this.now() - createdAt) / scenario.queuedMs);
		return {
			request_id: requestId,
			status: scenario.words[state] ?? state,
			...(state === 'in_queue' && {
				queue_position: Math.max(1, Math.ceil(scenario.queuePosition * (1 - done))),
			}),
			...this.links(request),
		};
	}

	private result(request: EmulatedRequest, withCost: boolean): Record<string, unknown> {
		const { requestId, scenario, createdAt, model } = request;
		const state = this.stateOf(request);
		const head = { request_id: requestId, status: scenario.words[state] ?? state, model_id: model };
		if (state === 'failed') return { ...head, error: 'The run failed: content policy' };
		if (state !== 'completed') return head;
		const finishedAt = createdAt + scenario.queuedMs + scenario.runMs;
		return {
			...head,
			output: this.output(request),
			created_at: new Date(createdAt).toISOString(),
			finished_at: new Date(finishedAt).toISOString(),
			...(withCost && { cost: 0.56 }),
		};
	}

	private output({ requestId, scenario }: EmulatedRequest): Record<string, unknown> {
		const at = (index: number, ending: string) =>
			`${this.url}/media/${requestId}_${index}.${ending}?signature=abc`;
		const video = this.mediaUrl ?? at(0, 'mp4');
		switch (scenario.output) {
			case 'video':
				return { video };
			case 'videos':
				return { videos: [video, at(1, 'mp4')] };
			case 'image':
				return { image: at(0, 'png') };
			case 'images':
				return { images: [at(0, 'png'), at(1, 'png'), at(2, 'png')] };
			case 'mixed':
				return {
					video,
					videos: [video, at(1, 'mp4')],
					image: at(2, 'png'),
					images: [at(3, 'png')],
				};
			case 'nothing':
				return {};
		}
	}

	private cancel(request: EmulatedRequest): Record<string, unknown> {
		const queued = this.stateOf(request) === 'in_queue';
		if (queued) request.cancelledAt = this.now();
		const { requestId } = request;
		const outcome = queued ? 'cancelled' : 'not_cancellable';
		return { request_id: requestId, status: this.stateOf(request), outcome };
	}

	private media(name: string): Answer {
		const [, requestId, ending] = /^(.+)_\d+\.(\w+)$/.exec(name) ?? [];
		const request = this.requests.get(requestId ?? '');
		if (!request) return json(404, { detail: 'Not Found' });
		if (this.mediaRedirect && (this.redirectAlways || !this.redirected.has(name))) {
			this.redirected.add(name);
			const location = this.mediaRedirect.replace('{name}', name);
			return { status: 302, headers: { location }, body: '' };
		}
		const body = RunComfyEmulator.file(request.input.aspect_ratio, ending === 'png');
		return {
			status: 200,
			headers: {
				'content-type': ending === 'png' ? 'image/png' : 'video/mp4',
				...(this.chunkedMedia && { 'transfer-encoding': 'chunked' }),
			},
			body,
		};
	}

	private links({ requestId }: EmulatedRequest): Record<string, string> {
		const base = `${this.url}/v1/requests/${requestId}`;
		return {
			status_url: `${base}/status`,
			result_url: `${base}/result`,
			cancel_url: `${base}/cancel`,
		};
	}
}

function locate(method: string, path: string): { endpoint: Endpoint; id: string } | undefined {
	const [, modelId] = /^\/v1\/models\/(.+)$/.exec(path) ?? [];
	if (modelId) return { endpoint: method === 'POST' ? 'submit' : 'model', id: modelId };
	const [, file] = /^\/media\/([^/]+)$/.exec(path) ?? [];
	if (file) return { endpoint: 'media', id: file };
	const [, requestId, verb] = /^\/v1\/requests\/([^/]+)\/(status|result|cancel)$/.exec(path) ?? [];
	if (!requestId || (verb === 'cancel') !== (method === 'POST')) return undefined;
	return { endpoint: verb as Endpoint, id: decodeURIComponent(requestId) };
}

function json(status: number, body: unknown): Answer {
	return {
		status,
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	};
}

function error(status: number, code: number, name: string): Answer {
	return json(status, { error_code: code, error_message: name });
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
	const chunked = headers?.['transfer-encoding'] !== undefined;
	const length = chunked ? {} : { 'content-length': Buffer.byteLength(body) };
	response.writeHead(status, { ...headers, ...length }).end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
