import { parse } from 'flatted';
import getPort from 'get-port';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetch, type Response } from 'undici';
import type { IBinaryData, IRunExecutionData } from 'n8n-workflow';
import type { WorkflowJson } from '../fixtures/workflows';
import { endProcess, killProcess, startProcess, until } from './processes';

const OWNER = {
	email: 'owner@example.com',
	password: 'Passw0rd1',
	firstName: 'Olga',
	lastName: 'Owner',
};
const READY_WITHIN_MS = 180_000;

/** An execution as n8n's REST API tells of it. */
export interface ExecutionRecord {
	id: string;
	status: string;
	mode: string;
	retrySuccessId?: string | null;
	data?: IRunExecutionData;
}

/** A real n8n of its own: scratch folder, free ports, one owner. */
export class N8n {
	private cookie = '';
	private child?: ChildProcess;
	private readonly lines: string[] = [];

	private constructor(
		readonly userFolder: string,
		readonly port: number,
		private readonly options: N8nOptions,
	) {}

	/**
	 * Starts n8n and logs in its owner. The folder is prepared first, so that packages are in place.
	 *
	 * @throws Error with the end of n8n's output when it does not become ready
	 */
	static async start(options: N8nOptions = {}): Promise<N8n> {
		const userFolder = options.userFolder ?? mkdtempSync(join(tmpdir(), 'n8n-host-'));
		options.prepare?.(userFolder);
		const n8n = new N8n(userFolder, options.port ?? (await getPort()), options);
		await n8n.launch();
		return n8n;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** The folder on disk that workflows may read and write. */
	get filesFolder(): string {
		return join(this.userFolder, 'files');
	}

	get owner(): typeof OWNER {
		return OWNER;
	}

	/** Everything n8n has written to its log so far. */
	get log(): string {
		return this.lines.join('');
	}

	/** Ends n8n and what it has started, and removes its scratch folder. */
	async stop(): Promise<void> {
		await endProcess(this.child);
		if (!this.options.userFolder) rmSync(this.userFolder, { recursive: true, force: true });
	}

	/** Kills n8n (SIGKILL), and keeps its folder for a start after that. */
	async kill(): Promise<void> {
		await killProcess(this.child);
	}

	async createCredential(
		type: string,
		name: string,
		data: object,
	): Promise<{ id: string; name: string }> {
		const { id } = await this.post<{ id: string }>('/rest/credentials', { name, type, data });
		return { id, name };
	}

	async testCredential(type: string, data: object): Promise<{ status: string; message: string }> {
		const { id, name } = await this.createCredential(type, `test ${Date.now()}`, data);
		return await this.post('/rest/credentials/test', { credentials: { id, name, type, data } });
	}

	async createWorkflow(json: WorkflowJson): Promise<{ id: string; versionId: string }> {
		const { name, nodes, connections, settings, pinData } = json;
		return await this.post('/rest/workflows', {
			name,
			nodes,
			connections,
			...(pinData && { pinData }),
			settings: { executionOrder: 'v1', ...settings },
		});
	}

	/** A workflow as n8n has saved it, with the ids that it has given to webhooks. */
	async workflow(id: string): Promise<WorkflowJson> {
		return await this.get<WorkflowJson>(`/rest/workflows/${id}`);
	}

	/** Starts a saved workflow at a trigger, as the button in the editor does. */
	async run(workflowId: string, trigger: string): Promise<string> {
		const body = { triggerToStartFrom: { name: trigger } };
		const { executionId } = await this.post<{ executionId: string }>(
			`/rest/workflows/${workflowId}/run`,
			body,
		);
		return executionId;
	}

	async activate(workflow: { id: string; versionId: string }): Promise<void> {
		await this.post(`/rest/workflows/${workflow.id}/activate`, { versionId: workflow.versionId });
	}

	async deactivate(workflow: { id: string }): Promise<void> {
		await this.post(`/rest/workflows/${workflow.id}/deactivate`, {});
	}

	async stopExecution(id: string): Promise<void> {
		await this.post(`/rest/executions/${id}/stop`, {});
	}

	/** Runs a failed execution again, as the Executions list does. Gives the new execution's id. */
	async retryExecution(id: string): Promise<void> {
		await this.post(`/rest/executions/${id}/retry`, { loadWorkflow: false });
	}

	async executions(workflowId: string): Promise<ExecutionRecord[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.get<{ results: ExecutionRecord[] }>(
			`/rest/executions?filter=${filter}&limit=100`,
		);
		return results;
	}

	async execution(id: string): Promise<ExecutionRecord> {
		const record = await this.get<ExecutionRecord & { data?: unknown }>(`/rest/executions/${id}`);
		const data =
			typeof record.data === 'string' ? (parse(record.data) as IRunExecutionData) : undefined;
		return { ...record, data };
	}

	/** Waits until an execution has ended. */
	async ended(id: string, withinMs = 60_000): Promise<ExecutionRecord> {
		return await until(
			async () => {
				const record = await this.execution(id);
				return ['new', 'running', 'waiting'].includes(record.status) || !record.data
					? undefined
					: record;
			},
			withinMs,
			`execution ${id} to end`,
		);
	}

	/** The bytes of a binary field, as the editor downloads them. */
	async binary({ id }: IBinaryData): Promise<Buffer> {
		const response = await this.request(
			'GET',
			`/rest/binary-data?id=${encodeURIComponent(id ?? '')}&action=download`,
		);
		return Buffer.from(await response.arrayBuffer());
	}

	async get<T>(path: string): Promise<T> {
		const body = (await (await this.request('GET', path)).json()) as { data?: T };
		return body.data ?? (body as T);
	}

	async post<T>(path: string, body: object): Promise<T> {
		return ((await (await this.request('POST', path, body)).json()) as { data: T }).data;
	}

	private async request(method: string, path: string, body?: object): Promise<Response> {
		const response = await fetch(`${this.url}${path}`, {
			method,
			headers: { cookie: this.cookie, ...(body && { 'content-type': 'application/json' }) },
			...(body && { body: JSON.stringify(body) }),
		});
		if (!response.ok) {
			throw new Error(
				`${method} ${path}: ${response.status} ${(await response.text()).slice(0, 500)}`,
			);
		}
		return response;
	}

	private async launch(): Promise<void> {
		this.child = await startProcess(
			'start',
			{
				N8N_USER_FOLDER: this.userFolder,
				N8N_RESTRICT_FILE_ACCESS_TO: this.filesFolder,
				N8N_PORT: String(this.port),
				N8N_LISTEN_ADDRESS: '127.0.0.1',
				N8N_RUNNERS_BROKER_PORT: String(await getPort()),
				...this.options.env,
			},
			(text) => {
				this.lines.push(text);
				this.options.onLog?.(text);
			},
		);
		try {
			await until(async () => await this.ready(), READY_WITHIN_MS, 'n8n to be ready', 300);
			await this.login();
		} catch (error) {
			await this.stop();
			throw new Error(`n8n did not start.\n${this.log.slice(-4_000)}`, { cause: error });
		}
	}

	private async ready(): Promise<true | undefined> {
		if (this.child?.exitCode !== null) throw new Error(`n8n ended with ${this.child?.exitCode}`);
		const answer = await fetch(`${this.url}/healthz/readiness`).catch(() => undefined);
		return answer?.status === 200 ? true : undefined;
	}

	private async login(): Promise<void> {
		const settings = await until(
			async () =>
				await this.get<{ userManagement: { showSetupOnFirstLoad: boolean } }>(
					'/rest/settings',
				).catch(() => undefined),
			30_000,
			'the settings of n8n',
		);
		const { email, password } = OWNER;
		const response = settings.userManagement.showSetupOnFirstLoad
			? await this.request('POST', '/rest/owner/setup', OWNER)
			: await this.request('POST', '/rest/login', { emailOrLdapLoginId: email, password });
		this.cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
	}
}

export interface N8nOptions {
	/** Kept after the stop; a scratch folder that is removed when absent. */
	userFolder?: string;
	port?: number;
	env?: Record<string, string>;
	/** Called before n8n starts, e.g. to install packages. */
	prepare?: (userFolder: string) => void;
	onLog?: (text: string) => void;
}
