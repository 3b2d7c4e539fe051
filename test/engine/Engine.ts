import 'reflect-metadata';
import { Logger } from '@n8n/backend-common';
import { Container } from '@n8n/di';
import { randomBytes, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import {
	BinaryDataService,
	Cipher,
	Credentials,
	EncryptionKeyProxy,
	ExecutionLifecycleHooks,
	LoadOptionsContext,
	PackageDirectoryLoader,
	WorkflowExecute,
} from 'n8n-core';
import {
	createRunExecutionData,
	LoggerProxy,
	NodeHelpers,
	Workflow,
	type IBinaryData,
	type ILoadOptionsFunctions,
	type ICredentialDataDecryptedObject,
	type INodeExecutionData,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IVersionedNodeType,
	type IRunExecutionData,
	type IWorkflowBase,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { nodeOf, type WorkflowJson } from '../fixtures/workflows';
import type { MemoryDatabase } from './MemoryDatabase';
import { StoredCredentials } from './StoredCredentials';
import { asTool, standInAgents } from './standInAgents';
import { standInNodes } from './standInNodes';

/** Where the built package is: this one, unless another is named, such as an unpacked tarball. */
const PACKAGE_FOLDER = process.env.PACKAGE_FOLDER ?? resolve(__dirname, '../..');

/** What there is of n8n's service for binary data beyond its types (2.41.1). */
interface InnerBinaryDataService {
	mode: string;
	managers: Record<string, object>;
	config: { localStoragePath: string };
	init(): Promise<void>;
}

/** An execution under way. */
export interface Execution {
	/** Its id, as in n8n's log. */
	id: string;
	finished: Promise<IRun>;
	/** What n8n does on Stop and on the execution timeout. */
	stop(): void;
	/** What n8n saves of it: what there is at its end, or at once when it is stopped. */
	saved(): IRunExecutionData | undefined;
}

/**
 * n8n's own engine with the built package: n8n-core loads it, runs workflow JSON, decrypts the
 * credential, and keeps binary data on disk.
 */
export class Engine {
	private constructor(
		private readonly nodeTypes: INodeTypes,
		private readonly credentials: StoredCredentials,
		readonly log: string[],
		private readonly foreign: Map<string, INodeType | IVersionedNodeType>,
	) {}

	/** @param onLog told of every line the node writes to n8n's log */
	static async start(onLog?: (line: string) => void): Promise<Engine> {
		const log: string[] = [];
		const write = (level: string) => (message: string, metadata?: object) => {
			const line = `${level}: ${message}${metadata ? ` ${JSON.stringify(metadata)}` : ''}`;
			log.push(line);
			onLog?.(line);
		};
		const logger = {
			info: write('info'),
			debug: write('debug'),
			warn: write('warn'),
			error: write('error'),
			scoped: () => logger,
		} as unknown as Logger;
		Container.set(Logger, logger);
		LoggerProxy.init(logger);
		await Container.get(BinaryDataService).init();
		provideEncryptionKey();

		const loader = new PackageDirectoryLoader(PACKAGE_FOLDER);
		await loader.loadAll();
		const foreign = new Map<string, INodeType | IVersionedNodeType>();
		const ours = (type: string): INodeType => {
			const name = type.replace(/^n8n-nodes-runcomfy\./, '');
			const node = NodeHelpers.getVersionedNodeType(loader.getNode(name.replace(/Tool$/, '')).type);
			return name.endsWith('Tool') ? asTool(node) : node;
		};
		const find = (type: string, version?: number): INodeType =>
			standInNodes[type] ??
			standInAgents[type] ??
			NodeHelpers.getVersionedNodeType(foreign.get(type) ?? ours(type), version);
		const nodeTypes = {
			getByName: find,
			getByNameAndVersion: find,
			getKnownTypes: () => ({}),
		} as unknown as INodeTypes;
		return new Engine(nodeTypes, new StoredCredentials(loader), log, foreign);
	}

	/** Chooses where binary data goes: to disk, into the item (n8n's `default` mode), or elsewhere. */
	storeBinaryData(where: 'disk' | 'item' | MemoryDatabase): void {
		const service = binaryDataService();
		if (typeof where === 'object') service.managers.database = where;
		const modes = { disk: 'filesystem-v2', item: 'default' };
		service.mode = typeof where === 'object' ? 'database' : modes[where];
	}

	/** Keeps binary data on disk in another folder than before. */
	async storeBinaryDataIn(folder: string): Promise<void> {
		const service = binaryDataService();
		service.config.localStoragePath = folder;
		await service.init();
	}

	/** The folder in which binary data is kept on disk. */
	get binaryDataFolder(): string {
		return binaryDataService().config.localStoragePath;
	}

	/** Adds a node of another package, for comparison: its type's name, and where its file is. */
	addNode(type: string, packageFolder: string, file: string): void {
		const loader = new PackageDirectoryLoader(packageFolder);
		loader.loadNodeFromFile(file);
		this.foreign.set(type, Object.values(loader.nodeTypes)[0].type);
	}

	/** Adds a node type of the caller's own. */
	addType(type: string, node: INodeType): void {
		this.foreign.set(type, node);
	}

	/** The node type as n8n loaded it. */
	get klingVideo(): INodeType {
		return this.nodeTypes.getByNameAndVersion('n8n-nodes-runcomfy.klingVideo');
	}

	/** Stores a credential, encrypted, under the id that workflows name. */
	async saveCredential(
		id: string,
		data: ICredentialDataDecryptedObject,
		type = 'runComfyApi',
	): Promise<void> {
		const credential = new Credentials({ id, name: id }, type);
		await credential.setData(data);
		this.credentials.save(credential);
	}

	/**
	 * Starts a workflow at its trigger, which gives these items.
	 *
	 * @param withoutId as n8n (2.41.1) calls a tool for its MCP Server Trigger
	 */
	start(
		json: WorkflowJson,
		items: INodeExecutionData[] = [{ json: {} }],
		{ withoutId = false } = {},
	): Execution {
		const workflow = this.workflow(json);
		const trigger = json.nodes.find(
			({ type }) => standInNodes[type]?.description.group[0] === 'trigger',
		);
		if (!trigger) throw new Error('The workflow has no trigger');
		const data = createRunExecutionData({
			executionData: {
				nodeExecutionStack: [{ node: trigger, data: { main: [items] }, source: null }],
			},
		});
		return this.execute(workflow, json, data, 'trigger', withoutId);
	}

	/** Runs a workflow to its end. */
	async run(json: WorkflowJson, items?: INodeExecutionData[]): Promise<IRun> {
		return await this.start(json, items).finished;
	}

	/**
	 * Starts a failed execution again from the node that failed, as the Executions list does (n8n 2.41.1,
	 * execution service): from what was saved of it, without its last node's failed run, with the nodes as
	 * the workflow has them now. n8n does so after the execution timeout too, but not after a Stop by hand.
	 */
	startRetry(json: WorkflowJson, failed: IRun): Execution {
		const data = JSON.parse(JSON.stringify(failed.data)) as IRunExecutionData;
		const { resultData } = data;
		delete resultData.error;
		const lastRuns = resultData.runData[resultData.lastNodeExecuted ?? ''];
		if (lastRuns?.at(-1)?.error) lastRuns.pop();
		for (const entry of data.executionData?.nodeExecutionStack ?? []) {
			entry.node = nodeOf(json, entry.node.name);
		}
		return this.execute(this.workflow(json), json, data, 'retry');
	}

	/** The same to its end. */
	async retry(json: WorkflowJson, failed: IRun): Promise<IRun> {
		return await this.startRetry(json, failed).finished;
	}

	/** The bytes of a binary field, read back from n8n's store. */
	async binary(data: IBinaryData | undefined): Promise<Buffer> {
		if (!data) throw new Error('The item has no such binary field');
		return await Container.get(BinaryDataService).getAsBuffer(data);
	}

	/** Keeps a file as a webhook does (n8n 2.41.1): before its execution has an id, under the stand-in `temp`. */
	async upload(bytes: Buffer, fileName: string): Promise<IBinaryData> {
		const location = { type: 'execution' as const, workflowId: '1', executionId: 'temp' };
		const file = { fileName, mimeType: 'image/png', data: bytes.toString('base64') };
		return await Container.get(BinaryDataService).store(location, bytes, file);
	}

	/**
	 * Renames uploads as n8n does when it saves an execution that a webhook has started (`restoreBinaryDataId`, 2.41.1).
	 *
	 * @returns how many it has renamed
	 */
	async saveUploads({ data }: IRun): Promise<number> {
		const outputs = Object.values(data.resultData.runData).flatMap((runs) =>
			runs.flatMap((run) => run.data?.main ?? []),
		);
		const files = outputs.flatMap((items) =>
			(items ?? []).flatMap(({ binary = {} }) => Object.values(binary)),
		);
		const uploads = new Set(files.filter(({ id }) => id?.includes('/temp/')));
		for (const file of uploads) {
			const [mode, from] = String(file.id).split(':');
			const to = from.replace('/temp/', '/4711/');
			await Container.get(BinaryDataService).rename(from, to);
			file.id = `${mode}:${to}`;
		}
		return uploads.size;
	}

	/** Calls one of a node's methods for the editor, as the open panel of the node does. */
	async inEditor<Answer>(
		json: WorkflowJson,
		nodeName: string,
		method: (this: ILoadOptionsFunctions) => Promise<Answer>,
	): Promise<Answer> {
		const node = nodeOf(json, nodeName);
		const additionalData = {
			credentialsHelper: this.credentials,
			currentNodeParameters: node.parameters,
		} as unknown as IWorkflowExecuteAdditionalData;
		return await method.call(
			new LoadOptionsContext(this.workflow(json), node, additionalData, 'parameters'),
		);
	}

	/** A node of the package, as n8n has loaded it. */
	nodeType(type: string): INodeType {
		return this.nodeTypes.getByNameAndVersion(type) as INodeType;
	}

	private workflow({ name, nodes, connections, settings }: WorkflowJson): Workflow {
		return new Workflow({
			id: randomUUID(),
			name,
			nodes,
			connections,
			settings,
			active: false,
			nodeTypes: this.nodeTypes,
		});
	}

	private execute(
		workflow: Workflow,
		json: WorkflowJson,
		data: IRunExecutionData,
		mode: WorkflowExecuteMode,
		withoutId = false,
	): Execution {
		const executionId = randomUUID();
		let saved: string | undefined;
		const hooks = new ExecutionLifecycleHooks(mode, executionId, {
			id: workflow.id,
			...json,
		} as IWorkflowBase);
		hooks.addHandler('workflowExecuteAfter', (run) => void (saved = JSON.stringify(run.data)));
		const additionalData = {
			credentialsHelper: this.credentials,
			...(!withoutId && { executionId }),
			currentNodeExecutionIndex: 0,
			restApiUrl: 'http://localhost/rest',
			webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
			formWaitingBaseUrl: 'http://localhost/form-waiting',
			instanceBaseUrl: 'http://localhost/',
			variables: {},
			hooks,
			logAiEvent: () => undefined,
		} as unknown as IWorkflowExecuteAdditionalData;
		const execution = new WorkflowExecute(additionalData, mode, data).processRunExecutionData(
			workflow,
		);
		return {
			id: executionId,
			finished: execution,
			stop: () => execution.cancel(),
			saved: () => (saved === undefined ? undefined : (JSON.parse(saved) as IRunExecutionData)),
		};
	}
}

function binaryDataService(): InnerBinaryDataService {
	return Container.get(BinaryDataService) as unknown as InnerBinaryDataService;
}

/**
 * n8n 2.41.1 keeps the data key in its database, wrapped with the instance's key; here it lives in
 * memory. Older versions encrypt with the instance's key itself.
 */
function provideEncryptionKey(): void {
	if (!EncryptionKeyProxy) return;
	const key = {
		id: 'engine',
		value: Container.get(Cipher).encryptDEKWithInstanceKey(randomBytes(32).toString('hex')),
		algorithm: 'aes-256-gcm',
		format: 'prefixed' as const,
	};
	Container.get(EncryptionKeyProxy).setProvider({
		getActiveKey: async () => key,
		getKeyById: async () => key,
		getLegacyKey: async () => key,
	});
}
