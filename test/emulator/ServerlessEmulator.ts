import { deployments, withLargeSeeds, type Deployment, type Graph } from '../fixtures/deployments';
import { objectInfo } from '../fixtures/objectInfo';
import type { Answer } from './faults';
import { error, json, parse, type Place } from './http';
import { overrideFaults } from './overrideFaults';
import type { EmulatedRequest } from './request';
import { statusOf } from './request';
import { RunComfyEmulator, type EmulatorOptions, type Order } from './RunComfyEmulator';
import type { Endpoint } from './scenarios';

const BASE = '/prod/v2/deployments';
/** What a gateway in front of it takes at most. */
const MOST_BYTES = 10 * 2 ** 20;
/** How long a machine takes to end what is cancelled. */
const CANCEL_MS = 3_000;
const FREE = { makes: 'nothing', price: { usd: 0, unit: 'request' } } as unknown as Pick<
	EmulatedRequest,
	'makes' | 'price'
>;

/** How the nodes of a graph put out what they make: the channel, the ending of a file, and what else is said. */
const OUTPUTS: Record<string, { channel: string; ending?: string; type?: string }> = {
	SaveImage: { channel: 'images', ending: 'png' },
	PreviewImage: { channel: 'images', ending: 'png', type: 'temp' },
	SaveVideo: { channel: 'images', ending: 'mp4' },
	VHS_VideoCombine: { channel: 'gifs', ending: 'mp4' },
	SaveAudioMP3: { channel: 'audio', ending: 'mp3' },
	'ShowText|pack': { channel: 'text' },
};

/** RunComfy's Serverless API on 127.0.0.1: deployments, each with a workflow of its own, beside the Model API. */
export class ServerlessEmulator extends RunComfyEmulator {
	/** The deployments that there are; may be changed at any time. */
	deployments: Deployment[] = deployments();
	/** The bodies of the POSTs that were taken, as they came, by request id. */
	readonly bodies = new Map<string, string>();
	private readonly lastRun = new Map<string, string>();
	private readonly cached = new Set<string>();

	static override async start(options: EmulatorOptions = {}): Promise<ServerlessEmulator> {
		return await new ServerlessEmulator(options).listen(options.port);
	}

	deployment(id: string): Deployment {
		const found = this.deployments.find((one) => one.id === id);
		if (!found) throw new Error(`There is no deployment ${id}`);
		return found;
	}

	protected override locate(method: string, path: string): Place | undefined {
		const [, file] = /^\/media\/([^/]+)$/.exec(path) ?? [];
		if (file) return { endpoint: 'media', id: file };
		const [, ofInfo] = /^\/object_info\/([^/]+)\.json$/.exec(path) ?? [];
		if (ofInfo) return { endpoint: 'objectInfo', id: ofInfo };
		if (!path.startsWith(BASE)) return undefined;
		const [deploymentId, kind, requestId, verb] = path.slice(BASE.length + 1).split('/');
		if (!deploymentId) return method === 'GET' ? { endpoint: 'models', id: '' } : undefined;
		if (kind === undefined) return { endpoint: 'model', id: deploymentId };
		if (kind === 'inference' && method === 'POST') return { endpoint: 'submit', id: deploymentId };
		const isCall = kind === 'requests' && ['status', 'result', 'cancel'].includes(verb);
		if (!isCall || (verb === 'cancel') !== (method === 'POST')) return undefined;
		const request = this.requests.get(requestId);
		// A request is known under its own deployment only.
		const isOwn = request?.model === deploymentId;
		return { endpoint: verb as Endpoint, id: isOwn || !request ? requestId : 'another' };
	}

	protected override wrongToken(): Answer {
		return error(401, 401001, 'Unauthorized');
	}

	/** The first text that the body sets which names a scenario, or else any. */
	protected override promptOf(input: unknown): unknown {
		const texts = textsIn(input);
		return texts.find((text) => text.startsWith('[')) ?? texts[0];
	}

	protected override api(
		endpoint: Endpoint,
		id: string,
		order: Order,
		query: URLSearchParams,
	): Answer {
		if (endpoint === 'submit') return this.infer(id, order);
		const withPayload = query.getAll('includes').includes('payload');
		if (endpoint === 'models') {
			return this.large(this.deployments.map((one) => this.tell(one, withPayload)));
		}
		if (endpoint === 'model') {
			const found = this.deployments.find((one) => one.id === id);
			if (!found) return error(404, 404001, 'Not Found');
			return this.large(this.tell(found, withPayload));
		}
		if (endpoint === 'objectInfo') return this.large(objectInfo);
		const request = this.requests.get(id);
		if (!request) return error(404, 404001, 'Not Found');
		if (endpoint === 'status')
			return json(200, this.withLinks(request, statusOf(request, this.look)));
		if (endpoint === 'cancel') return json(202, this.cancelAt(request));
		if (this.stateOf(request) === 'completed') request.timesAsked++;
		return this.result(request);
	}

	private infer(id: string, { input, text, bytes }: Order): Answer {
		if (bytes > MOST_BYTES) return json(413, { message: 'Request Too Long' });
		const deployment = this.deployments.find((one) => one.id === id);
		if (!deployment) return error(403, 403003, 'Forbidden');
		if (!deployment.is_enabled) return error(400, 10002, 'DisabledDeployment');
		if (typeof input !== 'object' || input === null) return error(422, 422001, 'Validation Error');
		const { workflow_api_json: saved } = deployment.payload;
		const { overrides, workflow_api_json: graph } = input as Record<string, unknown>;
		const both = overrides !== undefined && graph !== undefined;
		const detail = both
			? [{ loc: ['body'], msg: 'overrides and workflow_api_json', type: 'value_error' }]
			: saved && graph === undefined
				? overrideFaults(saved, overrides)
				: [];
		if (detail.length > 0) {
			return json(422, { error_code: 422001, error_message: 'Validation Error', detail });
		}
		const request = this.take(id, { ...input, prompt: this.promptOf(input) }, FREE);
		const { requestId, scenario } = request;
		this.bodies.set(requestId, text);
		// ComfyUI makes nothing of what it has just made.
		if (saved && this.lastRun.get(id) === text) this.cached.add(requestId);
		this.lastRun.set(id, text);
		const answer = json(200, this.withLinks(request, { request_id: requestId }, true));
		if (!scenario.numericId) return answer;
		return { ...answer, body: answer.body.replace(/"request_id":"(\d+)"/, '"request_id":$1') };
	}

	private tell(
		{ hasObjectInfo, payload, ...deployment }: Deployment,
		withPayload: boolean,
	): object {
		const url = `${this.url}/object_info/${deployment.id}.json`;
		return {
			...deployment,
			...(withPayload && {
				payload: { ...payload, ...(hasObjectInfo && { object_info_url: url }) },
			}),
		};
	}

	private large(body: unknown): Answer {
		const answer = json(200, body);
		return { ...answer, body: withLargeSeeds(answer.body) };
	}

	private withLinks(
		{ requestId, model }: EmulatedRequest,
		body: Record<string, unknown>,
		withCancel = false,
	): Record<string, unknown> {
		const base = `${this.url}${BASE}/${model}/requests/${requestId}`;
		return {
			...body,
			status_url: `${base}/status`,
			result_url: `${base}/result`,
			...(withCancel && { cancel_url: `${base}/cancel` }),
		};
	}

	private cancelAt(request: EmulatedRequest): Record<string, unknown> {
		const { requestId, scenario } = request;
		const isOpen = this.stateOf(request).startsWith('in_');
		if (isOpen) request.cancelledAt ??= Date.now() + CANCEL_MS;
		if (scenario.oldCancel) {
			return {
				request_id: requestId,
				status: isOpen ? 'cancellation_requested' : 'not_cancellable',
			};
		}
		const outcome = isOpen ? 'cancelled' : 'not_cancellable';
		return { request_id: requestId, status: 'completed', outcome };
	}

	protected override result(request: EmulatedRequest): Answer {
		const answer = super.result(request, false);
		const { model_id: _, output, ...result } = parse(String(answer.body)) as ReplyOfModel;
		if (output === undefined) return { ...answer, body: JSON.stringify(result) };
		const { output: wanted } = request.scenario;
		const isEmpty = this.cached.has(request.requestId) || wanted === 'nothing';
		const outputs = isEmpty ? {} : this.outputsOf(request);
		return { ...answer, body: JSON.stringify({ ...result, outputs, instance_id: 'instance-1' }) };
	}

	/** What the graph of a request gives, node by node. */
	private outputsOf({ requestId, model, input, timesAsked, scenario }: EmulatedRequest): object {
		const saved = this.deployment(model).payload.workflow_api_json;
		const graph = (input.workflow_api_json ?? saved ?? { '2': LORA_OUTPUT }) as Graph;
		const overrides = (input.overrides ?? {}) as Record<
			string,
			{ inputs: Record<string, unknown> }
		>;
		const batch = Object.entries(graph).map(
			([id, { inputs }]) => overrides[id]?.inputs.batch_size ?? inputs.batch_size,
		);
		const images = Number(batch.find((size) => typeof size === 'number') ?? 1);
		let made = 0;
		const file = (ending: string, type = 'output') => {
			const url = `${this.url}/media/${requestId}_${made}.${ending}?signature=${timesAsked}`;
			const filename = `ComfyUI_0000${++made}_.${ending}`;
			return { filename, subfolder: '', type, url };
		};
		const outputs = Object.entries(graph).flatMap(([id, node]) => {
			const { channel, ending, type } = OUTPUTS[node.class_type] ?? {};
			if (channel === undefined) return [];
			if (ending === undefined) return [[id, { [channel]: [['a red boat on a calm sea']] }]];
			const several = scenario.output === 'videos' ? 2 : 1;
			const count = ending === 'png' && type === undefined ? images : several;
			const files = Array.from({ length: count }, () => file(ending, type));
			return [[id, { [channel]: files, ...(ending === 'mp4' && { animated: [true] }) }]];
		});
		return Object.fromEntries(outputs) as object;
	}
}

interface ReplyOfModel {
	model_id?: string;
	output?: unknown;
}

const LORA_OUTPUT = { class_type: 'SaveImage', inputs: {} };

function textsIn(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
