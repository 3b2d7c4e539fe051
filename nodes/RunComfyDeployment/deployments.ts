import type { IExecuteFunctions } from 'n8n-workflow';
import { ApiCaller, PASSING_ERRORS, type CallParts } from '../shared/api/call';
import { RunComfyError } from '../shared/api/errors';
import type { CallLimits } from '../shared/api/http';
import { deploymentPath } from '../shared/api/routes';
import type { ReplyBody } from '../shared/api/replies';
import { startTimer } from '../shared/connection/clock';
import { linkedAbort } from '../shared/connection/linkedAbort';
import { openMedia, type OpenRules } from '../shared/media/openMedia';
import { isObject } from '../shared/parameters/jsonText';
import { readGraph, type WorkflowNode } from './workflow/graph';
import { workflowInputs, type WorkflowInput } from './workflow/workflowInputs';

const TIMEOUT_MS = 15_000;
/** What ComfyUI says of 2,400 classes has 3 to 10 MB. */
const MOST_INFO_BYTES = 32 * 2 ** 20;

/** A row of the list of deployments. */
export interface DeploymentSummary {
	id: string;
	name: string;
	status: string;
	hardware: string[];
	isEnabled: boolean;
}

export interface Deployment extends DeploymentSummary {
	/** Empty for one that runs no workflow, such as that of a LoRA. */
	graph: WorkflowNode[];
	/** The inputs that it names by node; their values are samples. */
	named: Map<string, Set<string>>;
	objectInfoUrl?: string;
}

/** What a file is fetched with, without the token. */
export interface FilesFrom extends OpenRules {
	helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'>;
}

/**
 * The deployments of the account (RunComfy's Serverless API). Rejects with `catalogUnavailable` after passing errors,
 * or with how the call was refused.
 */
export class Deployments {
	readonly #caller: ApiCaller;

	constructor(
		private readonly parts: CallParts,
		private readonly files: FilesFrom,
	) {
		this.#caller = new ApiCaller(parts);
	}

	async list(limits: CallLimits): Promise<DeploymentSummary[]> {
		const { items, deployments } = await this.#read(deploymentPath(), '', limits);
		const all: unknown = items ?? deployments;
		if (Array.isArray(all)) return all.flatMap((entry) => readSummary(entry) ?? []);
		throw new RunComfyError('catalogUnavailable', { detail: 'a list without deployments' });
	}

	async find(id: string, limits: CallLimits): Promise<Deployment> {
		const body = await this.#read(`${deploymentPath(id)}?includes=payload`, id, limits);
		const payload = isObject(body.payload) ? body.payload : {};
		const { object_info_url: url } = payload;
		return {
			...(readSummary(body) ?? { name: id, status: '', hardware: [], isEnabled: true }),
			id,
			graph: readGraph(payload.workflow_api_json),
			named: namesIn(payload.overrides),
			...(typeof url === 'string' && { objectInfoUrl: url }),
		};
	}

	/** What a deployment's ComfyUI says of its inputs, as far as it says anything. */
	async inputs({ graph, named, objectInfoUrl: url }: Deployment): Promise<WorkflowInput[]> {
		const objectInfo = url && graph.length > 0 ? await this.#objectInfo(url) : undefined;
		return workflowInputs(graph, named, objectInfo);
	}

	async #read(path: string, model: string, limits: CallLimits): Promise<ReplyBody> {
		const call = { method: 'GET', timeoutMs: TIMEOUT_MS, endsOnCode: true, path } as const;
		const about = { about: { model }, read: (body: ReplyBody) => body };
		return await this.#caller.call({ ...call, ...about }, limits).catch((error: unknown) => {
			if (!(error instanceof RunComfyError) || !PASSING_ERRORS.includes(error.kind)) throw error;
			throw new RunComfyError('catalogUnavailable', error.facts);
		});
	}

	/** A form can do without it: nothing when it does not come. */
	async #objectInfo(url: string): Promise<unknown> {
		const { helpers, ...rules } = this.files;
		const call = linkedAbort(rules.signal);
		const endTimer = startTimer(this.parts.clock, TIMEOUT_MS, () =>
			call.abort(new Error('no answer in time')),
		);
		try {
			const { body } = await openMedia(helpers, url, { ...rules, signal: call.signal });
			const chunks: Uint8Array[] = [];
			let bytes = 0;
			for await (const chunk of body as AsyncIterable<Uint8Array>) {
				bytes += chunk.length;
				if (bytes > MOST_INFO_BYTES) return undefined;
				chunks.push(chunk);
			}
			return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
		} catch {
			return undefined;
		} finally {
			endTimer();
			call.release();
		}
	}
}

function readSummary(entry: unknown): DeploymentSummary | undefined {
	if (!isObject(entry) || typeof entry.id !== 'string' || entry.id === '') return undefined;
	const { id, name, status, hardware, is_enabled: isEnabled } = entry;
	return {
		id,
		name: typeof name === 'string' && name.trim() !== '' ? name.trim() : id,
		status: typeof status === 'string' ? status : '',
		hardware: [hardware].flat().filter((sku) => typeof sku === 'string'),
		isEnabled: isEnabled !== false,
	};
}

function namesIn(overrides: unknown): Map<string, Set<string>> {
	return new Map(
		Object.entries(isObject(overrides) ? overrides : {}).map(([id, override]) => {
			const inputs = isObject(override) && isObject(override.inputs) ? override.inputs : {};
			return [id, new Set(Object.keys(inputs))];
		}),
	);
}
