import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { catalogEntries, type CatalogEntry } from '../fixtures/catalog';
import { findModel, listCategories, listModels, outputOfModel } from './catalog';
import { FAULTS, type Answer, type FaultName } from './faults';
import { shapeOf } from './imageShape';
import { LocalServer } from './LocalServer';
import { error, json, locate, parse, readBody, send } from './http';
import { inputFaults } from './inputFaults';
import { klingFaults } from './klingFaults';
import { linksOf, resultOf, stateOf, statusOf, type EmulatedRequest, type Look } from './request';
import {
	SCENARIOS,
	scenarioOf,
	type Endpoint,
	type Scenario,
	type ScenarioName,
} from './scenarios';

/** One call as it arrived. */
export interface Call {
	endpoint: Endpoint;
	requestId?: string;
	/** What `submit` and `model` are about. */
	modelId?: string;
	/** Epoch ms. */
	at: number;
	headers: IncomingHttpHeaders;
	/** What went wrong with it, if anything did. */
	fault?: FaultName;
}

export interface EmulatorOptions {
	/** The token that is accepted. */
	token?: string;
	/** What a prompt without `[name]` plays at first. */
	scenario?: ScenarioName;
	/** Chooses a fault for a call; it comes before those of the scenario. */
	chooseFault?: (call: Pick<Call, 'endpoint' | 'requestId' | 'modelId'>) => FaultName | undefined;
	/** The models that there are; those of `catalogEntries` by default. */
	catalog?: CatalogEntry[];
	/** 0 for any free port. */
	port?: number;
	/** Told of every call. */
	onCall?: (call: Call) => void;
}

/** What a POST brings. */
interface Order {
	input: unknown;
	/** How large its body is. */
	bytes: number;
}

const fixture = (name: string) => readFileSync(join(__dirname, '../fixtures', name));
const CONTENT_TYPES: Record<string, string> = {
	png: 'image/png',
	mp3: 'audio/mpeg',
	wav: 'audio/wav',
};
/** The largest body of a request that RunComfy's own clients send. */
const MOST_BYTES = 64 * 2 ** 20;

/** RunComfy's Model API on 127.0.0.1, with real files, named scenarios, and every call counted. */
export class RunComfyEmulator extends LocalServer {
	readonly calls: Call[] = [];
	readonly requests = new Map<string, EmulatedRequest>();
	/** What to do when a call arrives that should see a fault; may be changed at any time. */
	chooseFault: NonNullable<EmulatorOptions['chooseFault']>;
	/** What a prompt without `[name]` plays; may be changed at any time. */
	scenario: Scenario;
	/** The models that there are, and their schemas; may be changed at any time. */
	catalog: CatalogEntry[];
	/** How long to hold back the answer to a call, in ms; may be changed at any time. */
	delay: (call: Call) => number = () => 0;
	/** What the fault `throttled` asks for in `Retry-After`. */
	retryAfter = '3';
	/** Where the fault `redirect` leads to; nowhere by default. */
	redirectTo = 'http://127.0.0.1:9';
	/** The URL that results name in place of the emulator's own file. */
	mediaUrl?: string;
	/** Where a download is redirected to once; `{name}` is replaced by the file. */
	mediaRedirect?: string;
	/** Redirects every download, and not only the first of a file. */
	redirectAlways = false;
	/** Why no input is taken, in place of what is wrong with it. */
	refusal?: string;
	/** Names requests by numbers, with more digits than a JavaScript number holds. */
	numericIds = false;
	/** Changes what a download is answered with. */
	changeMedia: (answer: Answer) => Answer = (answer) => answer;
	/** The status that links answer with which were named by the first results, when they have expired. */
	expired?: { status: number; firstResults: number };
	/** Sends files without a Content-Length. */
	chunkedMedia = false;
	readonly token: string;
	private readonly faultsPlayed = new Map<string, number>();
	private readonly redirected = new Set<string>();
	private paid = 0;

	private constructor(private readonly options: EmulatorOptions) {
		super();
		this.token = options.token ?? 'emulator-token';
		this.chooseFault = options.chooseFault ?? (() => undefined);
		this.scenario = SCENARIOS[options.scenario ?? 'quick'];
		this.catalog = options.catalog ?? catalogEntries();
	}

	static async start(options: EmulatorOptions = {}): Promise<RunComfyEmulator> {
		return await new RunComfyEmulator(options).listen(options.port);
	}

	/** How many POSTs were taken that would cost money. */
	get paidPosts(): number {
		return this.paid;
	}

	/** How many calls of an endpoint have arrived. */
	count(endpoint: Endpoint): number {
		return this.calls.filter((call) => call.endpoint === endpoint).length;
	}

	/** A model of the catalog, which may be changed. */
	model(modelId: string): CatalogEntry {
		const entry = findModel(this.catalog, modelId);
		if (!entry) throw new Error(`The catalog has no model ${modelId}`);
		return entry;
	}

	/** The bytes that a request's file has; a video has the shape nearest to what was asked for. */
	static file(aspectRatio: unknown, ending = 'mp4'): Buffer {
		if (ending === 'mp3') return fixture('clips/chime.mp3');
		if (ending === 'wav') return fixture('formats/tone.wav');
		if (ending === 'png') return fixture('clips/still.png');
		const shape = aspectRatio === '1:1' || aspectRatio === '9:16' ? aspectRatio : '16:9';
		return fixture(`clips/${shape.replace(':', 'x')}.mp4`);
	}

	protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await readBody(request);
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://emulator');
		const place = locate(request.method ?? '', pathname);
		if (!place) return send(response, json(404, { detail: 'Not Found' }));
		const { endpoint, id } = place;
		const call: Call = { endpoint, at: Date.now(), headers: request.headers };
		if (endpoint === 'submit' || endpoint === 'model') call.modelId = id;
		else if (endpoint !== 'models') call.requestId = id;
		this.calls.push(call);
		this.options.onCall?.(call);

		const input = endpoint === 'submit' ? parse(body.toString()) : undefined;
		const fault = this.faultFor(call, id, input);
		if (fault) call.fault = fault;
		if (fault && !FAULTS[fault].taken) {
			const nothing = {
				status: 200,
				headers: { location: this.redirectTo, 'retry-after': this.retryAfter },
				body: '',
			};
			return FAULTS[fault].play(response, nothing);
		}
		const answer =
			endpoint === 'media'
				? this.media(id, Number(searchParams.get('signature')))
				: request.headers.authorization === `Bearer ${this.token}`
					? this.api(endpoint, id, { input, bytes: body.length }, searchParams)
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
		const scenario = owner?.scenario ?? scenarioOf(prompt, this.scenario);
		const faults = scenario.faults[call.endpoint];
		if (!faults) return undefined;
		const key = `${call.endpoint} ${owner?.requestId ?? JSON.stringify(prompt)}`;
		const played = this.faultsPlayed.get(key) ?? 0;
		this.faultsPlayed.set(key, played + 1);
		return faults[played];
	}

	private api(endpoint: Endpoint, id: string, order: Order, query: URLSearchParams): Answer {
		if (endpoint === 'submit') return this.submit(id, order);
		if (endpoint === 'models') {
			return id === 'categories' ? listCategories(this.catalog) : listModels(this.catalog, query);
		}
		if (endpoint === 'model') {
			const entry = findModel(this.catalog, id);
			return entry ? json(200, entry) : error(404, 404001, 'ResourceNotFound');
		}
		const request = this.requests.get(id);
		if (!request) return error(404, 404001, 'ResourceNotFound');
		if (endpoint === 'status') return json(200, statusOf(request, this.look));
		if (endpoint === 'result') {
			if (this.stateOf(request) === 'completed') request.timesAsked++;
			return this.result(request, query.has('include_cost'));
		}
		return json(200, this.cancel(request));
	}

	private submit(model: string, { input, bytes }: Order): Answer {
		if (this.refusal !== undefined) return json(422, { detail: this.refusal });
		if (bytes > MOST_BYTES) return json(413, { detail: 'Request Entity Too Large' });
		const entry = findModel(this.catalog, model);
		const isKling = model.startsWith(entry ? 'kling/kling-3.0/' : 'kling/');
		if (!entry && !isKling) return error(404, 400001, 'InvalidResourceIdentifier');
		const detail = isKling ? klingFaults(model, input) : inputFaults(entry?.input_schema, input);
		if (detail?.length) return json(422, { detail });
		const request: EmulatedRequest = {
			requestId: this.numericIds ? `9${randomInt(1e9)}${randomInt(1e9)}0001` : randomUUID(),
			model,
			input: input as Record<string, unknown>,
			scenario: scenarioOf((input as { prompt?: unknown }).prompt, this.scenario),
			makes: outputOfModel(entry, input as object),
			createdAt: Date.now(),
			timesAsked: 0,
		};
		this.requests.set(request.requestId, request);
		this.paid++;
		const answer = json(200, { request_id: request.requestId, ...linksOf(request, this.url) });
		if (!this.numericIds) return answer;
		return { ...answer, body: answer.body.replace(/"request_id":"(\d+)"/, '"request_id":$1') };
	}

	private result(request: EmulatedRequest, withCost: boolean): Answer {
		const { unfinishedResult, finishedResult } = request.scenario;
		const state = this.stateOf(request);
		if (state.startsWith('in_') && unfinishedResult === 'refused') {
			return error(400, 400005, 'RequestNotFinished');
		}
		if (state === 'completed' && finishedResult === 'refused') {
			return error(400, 400123, 'content policy');
		}
		return json(200, resultOf(request, this.look, withCost));
	}

	/** The state of a request now. */
	stateOf(request: EmulatedRequest): string {
		return stateOf(request, Date.now());
	}

	private get look(): Look {
		return { now: Date.now(), url: this.url, mediaUrl: this.mediaUrl };
	}

	private cancel(request: EmulatedRequest): Record<string, unknown> {
		const queued = this.stateOf(request) === 'in_queue';
		if (queued) request.cancelledAt = Date.now();
		const { requestId } = request;
		const outcome = queued ? 'cancelled' : 'not_cancellable';
		return { request_id: requestId, status: this.stateOf(request), outcome };
	}

	private media(name: string, signature: number): Answer {
		const [, requestId, ending] = /^(.+)_\d+\.(\w+)$/.exec(name) ?? [];
		const request = this.requests.get(requestId ?? '');
		if (!request) return json(404, { detail: 'Not Found' });
		if (this.expired && signature <= this.expired.firstResults) {
			return { status: this.expired.status, body: '<Error>Request has expired</Error>' };
		}
		if (this.mediaRedirect && (this.redirectAlways || !this.redirected.has(name))) {
			this.redirected.add(name);
			const location = this.mediaRedirect.replace('{name}', name);
			return { status: 302, headers: { location }, body: '' };
		}
		const { aspect_ratio: ratio, start_image_url: image } = request.input;
		const shape = typeof image === 'string' ? shapeOf(image) : ratio;
		return this.changeMedia({
			status: 200,
			headers: {
				'content-type': CONTENT_TYPES[ending] ?? 'video/mp4',
				...(this.chunkedMedia && { 'transfer-encoding': 'chunked' }),
			},
			body: RunComfyEmulator.file(shape, ending),
		});
	}
}
