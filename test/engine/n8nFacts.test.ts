import type { IncomingMessage, ServerResponse } from 'node:http';
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { SsrfBlockedHostnameError, SsrfBlockedIpError } from '@n8n/backend-network';
import { GlobalConfig } from '@n8n/config';
import { Container } from '@n8n/di';
import { CredentialTestContext } from 'n8n-core';
import {
	Expression,
	NodeConnectionTypes,
	NodeOperationError,
	sleep,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type IRun,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { readBody } from '../emulator/http';
import { LocalServer } from '../emulator/LocalServer';
import { itemsOf, type WorkflowJson } from '../fixtures/workflows';
import { Engine } from './Engine';
import { asTool } from './standInAgents';
import { pass, until } from './virtualTime';

/*
 * What the node builds on and n8n does not promise. None of our code runs here: when one of these fails
 * after an update of n8n, the file that is named has to be thought through again.
 */

const PROBE = 'test.probe';
const CREDENTIAL = 'probeApi';
const MINUTE_MS = 60_000;
const retryOnFail: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 5_000 };

type Execute = NonNullable<INodeType['execute']>;

let engine: Engine;
beforeAll(async () => (engine = await Engine.start()));

/** Lets the probe, a node of this test, do this when n8n runs it, as a node and as a tool. */
function probeDoes(execute: Execute): void {
	const node = {
		description: {
			displayName: 'Probe',
			name: 'probe',
			group: ['transform' as const],
			version: 1,
			description: 'Probe',
			defaults: { name: 'Probe' },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			credentials: [{ name: CREDENTIAL }],
			properties: [
				{
					displayName: 'Options',
					name: 'options',
					type: 'collection' as const,
					default: {},
					options: [{ displayName: 'Name', name: 'name', type: 'string' as const, default: '' }],
				},
				{
					displayName: 'Form',
					name: 'form',
					type: 'resourceMapper' as const,
					default: { mappingMode: 'defineBelow', value: null },
				},
			],
		},
		execute,
	};
	engine.addType(PROBE, node);
	engine.addType(`${PROBE}Tool`, asTool(node));
}

const place = { typeVersion: 1, position: [0, 0] as [number, number], parameters: {} };
const to = (node: string, type: 'main' | 'ai_tool' = 'main') => [{ node, type, index: 0 }];

function workflow(settings: Partial<INode> = {}): WorkflowJson {
	const credentials = { [CREDENTIAL]: { id: CREDENTIAL, name: CREDENTIAL } };
	return {
		name: 'Probe',
		nodes: [
			{ ...place, id: '1', name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
			{ ...place, id: '2', name: 'Probe', type: PROBE, credentials, ...settings },
			{ ...place, id: '3', name: 'Output', type: 'n8n-nodes-base.noOp' },
			{ ...place, id: '4', name: 'Errors', type: 'n8n-nodes-base.noOp' },
		],
		connections: {
			Start: { main: [to('Probe')] },
			Probe: { main: [to('Output'), to('Errors')] },
		},
		settings: { executionOrder: 'v1' },
	};
}

/** An agent that calls the probe as its tool: turns one after the other, the calls of one at once. */
function agentWorkflow(
	version: 2 | 3,
	turns: IDataObject[][],
	settings: Partial<INode> = {},
): WorkflowJson {
	const json = workflow({ type: `${PROBE}Tool`, ...settings });
	const parameters = { turns: JSON.stringify(turns), tool: 'Probe' };
	json.nodes.push({
		...place,
		id: '5',
		name: 'Agent',
		type: `stand-in.agentV${version}`,
		parameters,
	});
	json.connections = {
		Start: { main: [to('Agent')] },
		Probe: { ai_tool: [to('Agent', 'ai_tool')] },
	};
	return json;
}

/** What the agent's model would read of its tool. */
const readBy = (run: IRun) => itemsOf(run, 'Agent').map(({ json }) => String(json.text));

/** A server that notes its calls. */
class ProbeServer extends LocalServer {
	calls = 0;
	/** What the calls have brought. */
	readonly bodies: string[] = [];
	/** Answers a call; not at all until told how. */
	reply: (response: ServerResponse) => void = () => undefined;

	async start(): Promise<this> {
		return await this.listen();
	}

	protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		this.calls++;
		this.bodies.push((await readBody(request)).toString());
		this.reply(response);
	}
}

let server: ProbeServer;
beforeEach(async () => (server = await new ProbeServer().start()));
afterEach(async () => await server.stop());

describe('calls with httpRequestWithAuthentication (n8n 2.41.1), for connection/send.ts', () => {
	beforeAll(async () => await engine.saveCredential(CREDENTIAL, { token: 'none' }, CREDENTIAL));

	it('have the execution’s abort signal in place of their own, so that they do not end at their own timeout', async () => {
		let ended: unknown;
		probeDoes(async function () {
			const own = new AbortController();
			setTimeout(() => own.abort(), 1_000);
			await this.helpers.httpRequestWithAuthentication
				.call(this, CREDENTIAL, { url: server.url, abortSignal: own.signal })
				.catch((error: Error) => (ended = error.message));
			return [[]];
		});
		const execution = engine.start(workflow());
		await until(() => server.calls === 1);
		await pass(MINUTE_MS);
		expect(ended).toBeUndefined();
		execution.stop();
		await execution.finished;
		expect(ended).toBe('canceled');
	});

	it('fail after a Stop without being sent, while httpRequest still sends', async () => {
		server.reply = (response) => void response.end('{}');
		const outcomes: unknown[] = [];
		probeDoes(async function () {
			const { helpers } = this;
			await new Promise((resolve) => this.onExecutionCancellation(() => resolve(undefined)));
			await helpers.httpRequestWithAuthentication
				.call(this, CREDENTIAL, { url: server.url })
				.catch((error: Error) => outcomes.push(error.message));
			outcomes.push(server.calls);
			await helpers.httpRequest({ url: server.url });
			outcomes.push(server.calls);
			return [[]];
		});
		const execution = engine.start(workflow());
		await pass(1_000);
		execution.stop();
		await execution.finished;
		expect(outcomes).toEqual(['canceled', 0, 1]);
	});
});

describe('a Stop (n8n 2.41.1)', () => {
	it('aborts the signal of the execution, for requests/stop.ts', async () => {
		let signal: AbortSignal | undefined;
		probeDoes(async function () {
			signal = this.getExecutionCancelSignal();
			await pass(MINUTE_MS);
			return [[]];
		});
		const execution = engine.start(workflow());
		await until(() => signal !== undefined);
		expect(signal?.aborted).toBe(false);
		execution.stop();
		expect(signal?.aborted).toBe(true);
		await execution.finished;
	});

	it('does not keep the next tries of Retry On Fail from being started, for operations/runItems.ts', async () => {
		const aborted: unknown[] = [];
		probeDoes(async function () {
			aborted.push(this.getExecutionCancelSignal()?.aborted);
			await pass(1_000);
			throw new Error('failed');
		});
		const execution = engine.start(workflow(retryOnFail));
		await until(() => aborted.length === 1);
		execution.stop();
		await execution.finished;
		expect(aborted).toEqual([false, true, true]);
	});

	it('loses what the node gives afterwards, and leaves nothing for a Retry to run, for operations/runItems.ts', async () => {
		probeDoes(async function () {
			await pass(MINUTE_MS);
			return [[{ json: { paid: true } }]];
		});
		const execution = engine.start(workflow());
		await pass(1_000);
		execution.stop();
		const run = await execution.finished;
		expect(Object.keys(run.data.resultData.runData)).not.toContain('Output');
		const saved = execution.saved();
		expect(Object.keys(saved?.resultData.runData ?? {})).toEqual(['Start']);
		expect(saved?.executionData?.nodeExecutionStack).toEqual([]);
	});
});

describe('a request to the engine without an action (n8n 2.41.1), for operations/runItems.ts', () => {
	it.each(['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const)(
		'after a Stop makes the node the next to be run, with On Error %s',
		async (onError) => {
			let runs = 0;
			probeDoes(async function () {
				if (++runs === 2) return [[{ json: { retried: true } }]];
				await pass(MINUTE_MS);
				return { actions: [], metadata: {} };
			});
			const json = workflow({ onError });
			const execution = engine.start(json);
			await pass(1_000);
			execution.stop();
			const stopped = await execution.finished;
			expect(runs).toBe(1);
			const stack = stopped.data.executionData?.nodeExecutionStack;
			expect(stack?.map(({ node }) => node.name)).toEqual(['Probe']);
			const retried = await engine.retry(json, stopped);
			expect(itemsOf(retried, 'Output').map((item) => item.json)).toEqual([{ retried: true }]);
		},
	);
});

describe('Retry On Fail (n8n 2.41.1), for requests/submitOnce.ts, operations/runItems.ts and operations/operation.ts', () => {
	const itemsWith = (...errors: unknown[]) => [
		errors.map((error) => ({ json: (error === undefined ? {} : { error }) as IDataObject })),
	];

	it.each<[string, unknown[], number]>([
		['runs a node again whose first item has an error in its json', ['failed', undefined], 3],
		['does so when the error is an empty text', ['', undefined], 3],
		['does not when a later item has one', [undefined, 'failed'], 1],
	])('%s', async (_, errors, times) => {
		let runs = 0;
		probeDoes(async () => {
			runs++;
			return itemsWith(...errors);
		});
		const run = await engine.run(workflow(retryOnFail), [{ json: {} }, { json: {} }]);
		expect(run.status).toBe('success');
		expect(runs).toBe(times);
	});
});

describe('getContext("node") (n8n 2.41.1), for requests/requestMemory.ts', () => {
	it('is the same in all tries, and in the execution’s data that Retry starts from', async () => {
		const seen: unknown[] = [];
		probeDoes(async function () {
			const context = this.getContext('node');
			seen.push(context.tries);
			context.tries = seen.length;
			if (seen.length < 4) throw new Error('failed');
			return [[]];
		});
		const failed = await engine.run(workflow(retryOnFail));
		expect(failed.data.executionData?.contextData).toEqual({ 'node:Probe': { tries: 3 } });
		await engine.retry(workflow(), failed);
		expect(seen).toEqual([undefined, 1, 2, 3]);
	});
});

describe('the tool of an AI agent (n8n 2.41.1)', () => {
	it.each([
		['rises with each try with an agent of version 2', 2, [0, 1, 2]],
		['stays with an agent of version 3', 3, [0, 0, 0]],
	] as const)(
		'has a run index that %s, for requests/requestMemory.ts',
		async (_, version, indexes) => {
			const seen: unknown[] = [];
			probeDoes(async function () {
				seen.push(this.getWorkflowDataProxy(0).$runIndex);
				throw new Error('failed');
			});
			await engine.run(agentWorkflow(version, [[{ prompt: 'a boat' }]], retryOnFail));
			expect(seen).toEqual(indexes);
		},
	);

	it('has runs that overlap with an agent of version 2, for requests/requestMemory.ts', async () => {
		let runs = 0;
		let most = 0;
		probeDoes(async () => {
			most = Math.max(most, ++runs);
			await pass(1_000);
			runs--;
			return [[{ json: {} }]];
		});
		await engine.run(agentWorkflow(2, [[{ prompt: 'a cat' }, { prompt: 'a dog' }]]));
		expect(most).toBe(2);
	});

	it('gives an agent of version 3 the message of its error and nothing else, for errors/agentTool.ts', async () => {
		probeDoes(async function () {
			throw new NodeOperationError(this.getNode(), 'The message', {
				description: 'The description',
			});
		});
		const [read] = readBy(await engine.run(agentWorkflow(3, [[{ prompt: 'a boat' }]])));
		expect(JSON.parse(read)).toEqual([{ error: 'The message' }]);
	});

	it('gets a toolCallId with each call of an agent of version 3, for operations/readIdentity.ts', async () => {
		const items: unknown[] = [];
		probeDoes(async function () {
			items.push(this.getInputData()[0].json);
			return [[]];
		});
		const call = { prompt: 'a boat' };
		await engine.run(agentWorkflow(3, [[call], [call]]));
		expect(items).toEqual([
			{ ...call, toolCallId: 'call_0_0' },
			{ ...call, toolCallId: 'call_1_0' },
		]);
	});
});

describe('errors (n8n 2.41.1)', () => {
	it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'ENOENT', 'EEXIST'])(
		'with %s in their message get another one by NodeOperationError, for errors/errorText.ts',
		(code) => {
			const node = workflow().nodes[1];
			const message = `The job ended with ${code.toLowerCase()}`;
			expect(new NodeOperationError(node, message).message).not.toContain('The job');
			expect(new NodeOperationError(node, 'The job ended').message).toBe('The job ended');
		},
	);

	const hidden = (json: IDataObject) =>
		Object.defineProperty({ json }, 'error', { value: new Error('failed') });
	it.each<[string, INodeExecutionData, 'Errors' | 'Output', IDataObject]>([
		[
			'with no other keys than error, message and details go to the error output',
			{ json: { error: 'failed', message: 'm', details: { id: 1 } } },
			'Errors',
			{ error: 'failed', message: 'm', details: { id: 1 } },
		],
		[
			'with another key stay on the regular output',
			{ json: { error: 'failed', request_id: 1 } },
			'Output',
			{ error: 'failed', request_id: 1 },
		],
		[
			'with an error beside json go to the error output, which costs them their json',
			{ json: { request_id: 1 }, error: new NodeOperationError(workflow().nodes[1], 'failed') },
			'Errors',
			{ error: 'failed' },
		],
		[
			'keep their json when the error beside it is not enumerable',
			hidden({ error: 'failed', request_id: 1 }),
			'Errors',
			{ error: 'failed', request_id: 1 },
		],
	])('as items %s, for errors/nodeErrors.ts', async (_, item, output, json) => {
		probeDoes(async () => [[Object.defineProperty(item, 'pairedItem', { value: { item: 0 } })]]);
		const run = await engine.run(workflow({ onError: 'continueErrorOutput' }));
		const other = output === 'Errors' ? 'Output' : 'Errors';
		expect(itemsOf(run, output).map((each) => each.json)).toEqual([json]);
		expect(itemsOf(run, other)).toEqual([]);
	});
});

describe('files (n8n 2.41.1), for media/checkedBody.ts', () => {
	it.each([
		['keeps a file whose stream ends', false, 1],
		['keeps nothing of one whose stream fails, and fails with the stream’s error', true, 0],
	])('the store %s', async (_, fails, files) => {
		const fault = new Error('no media');
		async function* bytes() {
			yield Buffer.from('bytes');
			if (fails) throw fault;
		}
		const ends: unknown[] = [];
		probeDoes(async function () {
			const stored = this.helpers.prepareBinaryData(Readable.from(bytes()), 'a.txt', 'text/plain');
			ends.push(
				await stored.then(
					() => 'stored',
					(error: unknown) => error,
				),
			);
			return [[]];
		});
		const execution = engine.start(workflow());
		await execution.finished;
		expect(ends).toEqual([fails ? fault : 'stored']);
		const kept = readdirSync(engine.binaryDataFolder, { recursive: true, withFileTypes: true });
		const ofExecution = kept.filter(
			(entry) =>
				entry.isFile() &&
				entry.parentPath.includes(execution.id) &&
				!entry.name.endsWith('.metadata'),
		);
		expect(ofExecution).toHaveLength(files);
	});

	it('httpRequest unpacks a body that was sent packed, and keeps the length of the packed one', async () => {
		const body = Buffer.alloc(10_000, 'a');
		const packed = gzipSync(body);
		server.reply = (response) =>
			void response
				.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length })
				.end(packed);
		const seen: unknown[] = [];
		probeDoes(async function () {
			const response = (await this.helpers.httpRequest({
				url: server.url,
				encoding: 'stream',
				returnFullResponse: true,
			})) as { headers: Record<string, string>; body: Readable };
			const chunks = (await response.body.toArray()) as Buffer[];
			seen.push(Buffer.concat(chunks).equals(body), response.headers['content-length']);
			return [[]];
		});
		await engine.run(workflow());
		expect(seen).toEqual([true, String(packed.length)]);
	});
});

describe('httpRequest (n8n 2.41.1), for connection/send.ts', () => {
	it.each<[string, IDataObject | string, string]>([
		['an object without a key, and sends none', {}, ''],
		['the same as text, and sends it', '{}', '{}'],
		['an object with a key, and sends it', { prompt: '' }, '{"prompt":""}'],
	])('takes as body %s', async (_, body, sent) => {
		server.reply = (response) => void response.end('{}');
		probeDoes(async function () {
			const headers = { 'content-type': 'application/json' };
			await this.helpers.httpRequest({ method: 'POST', url: server.url, headers, body });
			return [[]];
		});
		const run = await engine.run(workflow());
		expect(run.data.resultData.error).toBeUndefined();
		expect(server.bodies).toEqual([sent]);
	});
});

describe('credentials (n8n 2.41.1)', () => {
	it('have one function for HTTP in their test, `request`, for connection/testCredential.ts', () => {
		const { helpers } = new CredentialTestContext({} as IWorkflowExecuteAdditionalData);
		expect(Object.keys(helpers)).toEqual(['getSSHClient', 'updateLastUsed', 'request']);
	});
});

describe('expressions, those of a credential included (n8n 2.41.1)', () => {
	beforeAll(async () => {
		// n8n starts its own engine for them by default, which n8n-workflow alone does not.
		await Expression.initExpressionEngine(Container.get(GlobalConfig).expressionEngine);
	});
	afterAll(async () => {
		await Expression.disposeExpressionEngine();
		Expression.setExpressionEngine('legacy');
	});

	it('are resolved after a Stop, but no more when the execution has ended, for operations/run.ts', async () => {
		const given: unknown[] = [];
		let background: Promise<unknown> | undefined;
		probeDoes(async function () {
			const evaluate = () => given.push(this.evaluateExpression("{{ 'Bearer ' + 1 }}", 0));
			await pass(MINUTE_MS);
			evaluate();
			background = pass(MINUTE_MS)
				.then(evaluate)
				.catch((error: Error) => given.push(error.message));
			return [[]];
		});
		const execution = engine.start(workflow());
		await pass(1_000);
		execution.stop();
		await execution.finished;
		await background;
		expect(given).toEqual(['Bearer 1', expect.stringContaining('No bridge acquired')]);
	});
});

describe('the parameters (n8n 2.41.1), for parameters/wholeValue.ts', () => {
	it('lose a collection that is given as one expression', async () => {
		const held: unknown[] = [];
		probeDoes(async function () {
			held.push(this.getNode().parameters.options, this.getNodeParameter('options', 0));
			return [[]];
		});
		const given = { options: "={{ { name: 'a name' } }}" };
		await engine.run(workflow({ parameters: given }));
		expect(held).toEqual([{}, {}]);
	});
});

describe('a parameter that is read (n8n 2.41.1), for RunComfy/readInput.ts', () => {
	it('has its expressions resolved however deep they are, and a part that is read only its own', async () => {
		const read: unknown[] = [];
		probeDoes(async function () {
			read.push(this.getNodeParameter('form', 0), this.getNodeParameter('form.value', 0));
			return [[]];
		});
		const form = { value: { a: 1 }, schema: [{ displayName: '={{ 1 + 1 }}' }] };
		await engine.run(workflow({ parameters: { form } }));
		expect(read).toEqual([{ value: { a: 1 }, schema: [{ displayName: 2 }] }, { a: 1 }]);
	});
});

describe('binaryMode: combined (n8n 2.41.1), for inputs/inputFile.ts', () => {
	it('has files in the JSON, which the helpers find by their path alone', async () => {
		const found: unknown[] = [];
		probeDoes(async function () {
			found.push(this.helpers.assertBinaryData(0, '_files.data').fileName);
			const byName = () => this.helpers.assertBinaryData(0, 'data');
			expect(byName).toThrow();
			return [[]];
		});
		const json = workflow();
		json.settings = { ...json.settings, binaryMode: 'combined' } as typeof json.settings;
		const file = { data: 'AAAA', mimeType: 'image/png', fileName: 'a.png' };
		const run = await engine.run(json, [{ json: { _files: { data: file } } }]);
		expect(run.data.resultData.error).toBeUndefined();
		expect(found).toEqual(['a.png']);
	});
});

describe('the protection against requests to internal addresses (n8n 2.41.1), for api/network.ts', () => {
	it('is known by the names of its errors', () => {
		const names = [
			new SsrfBlockedIpError('10.0.0.1'),
			new SsrfBlockedHostnameError('localhost'),
		].map(({ name }) => name);
		expect(names).toEqual(['SsrfBlockedIpError', 'SsrfBlockedHostnameError']);
	});
});

describe('a run (n8n 2.41.1)', () => {
	it('is one for all items, for operations/options.ts', async () => {
		const runs: number[] = [];
		probeDoes(async function () {
			runs.push(this.getInputData().length);
			return [[]];
		});
		await engine.run(workflow(), [{ json: {} }, { json: {} }, { json: {} }]);
		expect(runs).toEqual([3]);
	});

	it('leaves what it logs at info level, and not at debug, in n8n’s log by default, for requests/runLog.ts', () => {
		expect(Container.get(GlobalConfig).logging.level).toBe('info');
	});
});

describe('sleep of n8n-workflow (2.34 and later), for connection/clock.ts', () => {
	it('ends at once when its signal is aborted', async () => {
		const own = new AbortController();
		const startedAt = Date.now();
		const slept = sleep(MINUTE_MS, own.signal);
		await pass(1_000);
		own.abort();
		await expect(slept).rejects.toThrow();
		expect(Date.now() - startedAt).toBe(1_000);
	});
});
