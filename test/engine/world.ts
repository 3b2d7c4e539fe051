import type { INode, INodeExecutionData, INodeParameters, IRun } from 'n8n-workflow';
import { ERROR_KINDS, type ErrorKind } from '../../nodes/shared/api/errors';
import { errorText } from '../../nodes/shared/errors/errorText';
import { RunComfyEmulator, type EmulatorOptions } from '../emulator/RunComfyEmulator';
import { itemsOf } from '../fixtures/workflows';
import { ServerlessEmulator } from '../emulator/ServerlessEmulator';
import { Engine, type Execution } from './Engine';
import { CREDENTIAL, ideas, klingWorkflow } from './klingWorkflow';
import { isDeployment, made } from './nodeUnderTest';

/** What a test needs: n8n's engine, an emulator, and a credential that leads from one to the other. */
export interface World {
	engine: Engine;
	emulator: RunComfyEmulator;
	/** Runs the node for these prompts, or items. */
	run(
		input: string[] | INodeExecutionData[],
		parameters?: INodeParameters,
		settings?: Partial<INode>,
	): Promise<IRun>;
	/** The same, without waiting for the end. */
	start(
		input: string[] | INodeExecutionData[],
		parameters?: INodeParameters,
		settings?: Partial<INode>,
	): Execution;
	/** Fails the test when a fault, a delay or an answer that it has set up has met no call. */
	end(): Promise<void>;
}

export async function createWorld(options: EmulatorOptions = {}): Promise<World> {
	const engine = await Engine.start();
	const emulator = await (isDeployment ? ServerlessEmulator : RunComfyEmulator).start(options);
	await engine.saveCredential(CREDENTIAL, credentialOf(emulator));
	const start: World['start'] = (input, parameters, settings) =>
		engine.start(klingWorkflow(parameters, settings), asItems(input));
	return {
		engine,
		emulator,
		start,
		run: async (...order) => await start(...order).finished,
		end: async () => {
			await emulator.stop();
			expect(emulator.unplayed).toEqual([]);
		},
	};
}

/** A credential that leads to an emulator, and nowhere else. */
export function credentialOf({ token, url }: Pick<RunComfyEmulator, 'token' | 'url'>) {
	const nowhere = 'http://127.0.0.1:9';
	return isDeployment
		? { apiToken: token, baseUrl: nowhere, serverlessBaseUrl: url }
		: { apiToken: token, baseUrl: url, serverlessBaseUrl: nowhere };
}

/** The items that the node put out. */
export function videosOf(run: IRun): INodeExecutionData[] {
	return itemsOf(run, 'Kling Video');
}

/** The error that ended an execution: its message, and its description as n8n's editor shows it. */
export function errorOf(run: IRun): { message: string; description: string } {
	const error = run.data.resultData.error as { message: string; description?: string } | undefined;
	if (!error) throw new Error(`The execution ended without an error: ${run.status}`);
	return { message: error.message, description: asShown(error.description ?? '') };
}

/** The kind of the error that ended an execution, by its message; the messages themselves are in docs.test.ts. */
export function kindOf(run: IRun): ErrorKind | undefined {
	const { message } = errorOf(run);
	return ERROR_KINDS.find((kind) => errorText(kind, {}, made).message === message);
}

/** HTML, as far as descriptions have it, as text. */
function asShown(html: string): string {
	const characters: Record<string, string> = {
		amp: '&',
		lt: '<',
		gt: '>',
		quot: '"',
		'#96': '`',
	};
	return html
		.replaceAll('<br>', '\n')
		.replace(/<[^>]*>/g, '')
		.replace(/&([#\w]+);/g, (_, name: string) => characters[name]);
}

function asItems(input: string[] | INodeExecutionData[]): INodeExecutionData[] {
	return typeof input[0] === 'string'
		? ideas(...(input as string[]))
		: (input as INodeExecutionData[]);
}
