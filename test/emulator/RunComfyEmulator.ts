import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { catalogEntries, type CatalogEntry } from '../fixtures/catalog';
import { findModel, listCategories, listModels, outputOfModel } from './catalog';
import { FAULTS, type Answer, type FaultName } from './faults';
import { shapeOf } from './imageShape';
import { LocalServer } from './LocalServer';
import { error, json, locate, parse, readBody, send, type Place } from './http';
import { inputFaults } from './inputFaults';
import { klingFaults } from './klingFaults';
import { priceOf } from './price';
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
	/** Path and query. */
	path: string;
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
	/** Told of every call before it is answered. */
	onCall?: (call: Call) => void;
}

/** What a test plans for calls; each may be changed at any time. */
interface Plans {
	chooseFault: NonNullable<EmulatorOptions['chooseFault']>;
	delay: (call: Call) => number;
	respond: (call: Call, usual: () => Answer) => Answer;
}
const NO_PLANS: Plans = {
	chooseFault: () => undefined,
	delay: () => 0,
	respond: (_, usual) => usual(),
};

/** What a POST brings. */
export interface Order {
	input: unknown;
	/** As it came. */
	text: string;
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
	/** What a prompt without `[name]` plays; may be changed at any time. */
	scenario: Scenario;
	/** The models that there are, and their schemas; may be changed at any time. */
	catalog: CatalogEntry[];
	/** What the fault `throttled` asks for in `Retry-After`. */
	retryAfter = '3';
	/** Where the fault `redirect` leads to; nowhere by default. */
	redirectTo = 'http://127.0.0.1:9';
	readonly token: string;
	private readonly faultsPlayed = new Map<string, number>();
	/** Told of every call before it is answered; may be changed at any time. */
	onCall: (call: Call) => void;
	private readonly plans: Plans = { ...NO_PLANS };
	private readonly unmet = new Map<object, string>();
	private readonly met = new Set<object>();
	private paid = 0;

	protected constructor(options: EmulatorOptions) {
		super();
		this.token = options.token ?? 'emulator-token';
		this.chooseFault = options.chooseFault;
		this.onCall = options.onCall ?? (() => undefined);
		this.scenario = SCENARIOS[options.scenario ?? 'quick'];
		this.catalog = options.catalog ?? catalogEntries();
	}

	static async start(options: EmulatorOptions = {}): Promise<RunComfyEmulator> {
		return await new RunComfyEmulator(options).listen(options.port);
	}

	/** Chooses a fault for a call; may be changed at any time. */
	set chooseFault(choose: Plans['chooseFault'] | undefined) {
		this.plan('chooseFault', choose);
	}

	/** How long to hold back the answer to a call, in ms; may be changed at any time. */
	set delay(delay: Plans['delay'] | undefined) {
		this.plan('delay', delay);
	}

	/**
	 * Answers calls of the API that have the right token, and downloads, in place of the emulator, which
	 * does what a call asks for only when it is told to answer as usual; may be changed at any time.
	 */
	set respond(respond: Plans['respond'] | undefined) {
		this.plan('respond', respond);
	}

	/** Why no input is taken; may be changed at any time, and is an answer as `respond` gives it. */
	set refusal(detail: string | undefined) {
		const refuse: Plans['respond'] = ({ endpoint }, usual) =>
			endpoint === 'submit' ? json(422, { detail }) : usual();
		this.respond = detail === undefined ? undefined : refuse;
	}

	/** What was set up and has met no call so far: by its name, or a scenario with faults by its own. */
	get unplayed(): string[] {
		return [...this.unmet.values()];
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
		const place = this.locate(request.method ?? '', pathname);
		if (!place) return send(response, json(404, { detail: 'Not Found' }));
		const { endpoint, id } = place;
		const path = request.url ?? '';
		const call: Call = { endpoint, path, at: Date.now(), headers: request.headers };
		if (endpoint === 'submit' || endpoint === 'model') call.modelId = id;
		else if (endpoint !== 'models' && endpoint !== 'objectInfo') call.requestId = id;
		this.calls.push(call);
		this.onCall(call);

		const text = endpoint === 'submit' ? body.toString() : '';
		const input = parse(text);
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
		let usual: Answer | undefined;
		const asUsual = () =>
			(usual =
				endpoint === 'media'
					? this.media(id)
					: this.api(endpoint, id, { input, text, bytes: body.length }, searchParams));
		const answer =
			isPublic(endpoint) || request.headers.authorization === `Bearer ${this.token}`
				? this.plans.respond(call, asUsual)
				: this.wrongToken();
		if (answer !== usual) this.meet(this.plans.respond);
		const delayMs = this.plans.delay(call);
		if (delayMs > 0) {
			this.meet(this.plans.delay);
			await new Promise((resolve) => setTimeout(resolve, delayMs));
		}
		if (fault) FAULTS[fault].play(response, answer);
		else send(response, answer);
	}

	private faultFor(call: Call, id: string, input: unknown): FaultName | undefined {
		const chosen = this.plans.chooseFault(call);
		if (chosen) {
			this.meet(this.plans.chooseFault);
			return chosen;
		}
		const prompt = this.promptOf(input);
		const owner = this.requests.get(id.replace(/_\d+\.\w+$/, ''));
		const scenario = owner?.scenario ?? scenarioOf(prompt, this.scenario);
		this.expectFaultsOf(scenario);
		const faults = scenario.faults[call.endpoint];
		if (!faults) return undefined;
		const key = `${call.endpoint} ${owner?.requestId ?? JSON.stringify(prompt)}`;
		const played = this.faultsPlayed.get(key) ?? 0;
		this.faultsPlayed.set(key, played + 1);
		if (faults[played]) this.meet(scenario);
		return faults[played];
	}

	private plan<Name extends keyof Plans>(name: Name, plan: Plans[Name] | undefined): void {
		this.plans[name] = plan ?? NO_PLANS[name];
		if (plan) this.unmet.set(plan, name);
	}

	private expectFaultsOf(scenario: Scenario): void {
		if (Object.keys(scenario.faults).length === 0 || this.met.has(scenario)) return;
		const name = Object.entries(SCENARIOS).find(([, each]) => each === scenario)?.[0];
		this.unmet.set(scenario, `the faults of [${name}]`);
	}

	private meet(planned: object): void {
		this.met.add(planned);
		this.unmet.delete(planned);
	}

	/** Which call a method and a path are. */
	protected locate(method: string, path: string): Place | undefined {
		return locate(method, path);
	}

	protected wrongToken(): Answer {
		return error(401, 400004, 'UserAccountError');
	}

	/** What of an input may name a scenario. */
	protected promptOf(input: unknown): unknown {
		return (input as { prompt?: unknown } | undefined)?.prompt;
	}

	protected api(endpoint: Endpoint, id: string, order: Order, query: URLSearchParams): Answer {
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
		return json(202, this.cancel(request));
	}

	private submit(model: string, { input, bytes }: Order): Answer {
		if (bytes > MOST_BYTES) return json(413, { detail: 'Request Entity Too Large' });
		const entry = findModel(this.catalog, model);
		const isKling = model.startsWith(entry ? 'kling/kling-3.0/' : 'kling/');
		if (!entry && !isKling) return error(404, 400001, 'InvalidResourceIdentifier');
		const detail = isKling ? klingFaults(model, input) : inputFaults(entry?.input_schema, input);
		if (detail?.length) return json(422, { detail });
		const given = input as Record<string, unknown>;
		const makes = outputOfModel(entry, given);
		const request = this.take(model, given, { makes, price: priceOf(model, entry) });
		const { requestId, scenario } = request;
		const status = scenario.words.in_queue ?? 'in_queue';
		const answer = json(202, { request_id: requestId, status, ...linksOf(request, this.url) });
		if (!scenario.numericId) return answer;
		return { ...answer, body: answer.body.replace(/"request_id":"(\d+)"/, '"request_id":$1') };
	}

	/** Begins a paid request. */
	protected take(
		model: string,
		input: Record<string, unknown>,
		makes: Pick<EmulatedRequest, 'makes' | 'price'>,
	): EmulatedRequest {
		const prompt = this.promptOf(input);
		const scenario = scenarioOf(prompt, this.scenario);
		const [, name] = /^\[(\w+)\] /.exec(String(prompt)) ?? [];
		if (name && !(name in SCENARIOS)) this.unmet.set({}, `[${name}], which is no scenario`);
		const request: EmulatedRequest = {
			requestId: scenario.numericId ? `9${randomInt(1e9)}${randomInt(1e9)}0001` : randomUUID(),
			model,
			input,
			scenario,
			...makes,
			createdAt: Date.now(),
			timesAsked: 0,
		};
		this.requests.set(request.requestId, request);
		this.paid++;
		return request;
	}

	protected result(request: EmulatedRequest, withCost: boolean): Answer {
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

	protected get look(): Look {
		return { now: Date.now(), url: this.url };
	}

	private cancel(request: EmulatedRequest): Record<string, unknown> {
		const queued = this.stateOf(request) === 'in_queue';
		if (queued) request.cancelledAt = Date.now();
		const { requestId } = request;
		// Both are documented, and so is `completed` for the status of a request that is cancelled.
		const outcome = queued ? 'cancelled' : 'not_cancellable';
		const status = queued ? 'completed' : statusOf(request, this.look).status;
		return { request_id: requestId, status, outcome };
	}

	protected media(name: string): Answer {
		const [, requestId, ending] = /^(.+)_\d+\.(\w+)$/.exec(name) ?? [];
		const request = this.requests.get(requestId ?? '');
		if (!request) return json(404, { detail: 'Not Found' });
		const { aspect_ratio: ratio, start_image_url: image } = request.input;
		const shape = typeof image === 'string' ? shapeOf(image) : ratio;
		return {
			status: 200,
			headers: { 'content-type': CONTENT_TYPES[ending] ?? 'video/mp4' },
			body: RunComfyEmulator.file(shape, ending),
		};
	}
}

/** What needs no token. */
function isPublic(endpoint: Endpoint): boolean {
	return endpoint === 'media' || endpoint === 'objectInfo';
}
