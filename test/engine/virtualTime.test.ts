import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LocalServer } from '../emulator/LocalServer';
import { pass, until } from './virtualTime';

const LARGE = Buffer.alloc(20_000_000);
const MINUTE_MS = 60_000;

type Play = (response: ServerResponse) => void;

class Server extends LocalServer {
	/** What becomes of a call. */
	play: Play = (response) => void response.writeHead(200).end(LARGE);

	async start(): Promise<this> {
		return await this.listen();
	}

	protected async answer(_: IncomingMessage, response: ServerResponse): Promise<void> {
		this.play(response);
	}
}

const folder = mkdtempSync(join(tmpdir(), 'virtual-time-'));
const file = join(folder, 'file');
let server: Server;
beforeEach(async () => (server = await new Server().start()));
afterEach(async () => await server.stop());
afterAll(() => rmSync(folder, { recursive: true }));

async function call(): Promise<IncomingMessage> {
	return await new Promise((resolve, reject) => {
		get(server.url, { agent: false }, resolve).once('error', reject);
	});
}

const save = async (response: IncomingMessage) => await pipeline(response, createWriteStream(file));

/** Lets the event loop turn many times, as it does while the system is slow to tell. */
async function turns(count: number): Promise<void> {
	for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** How far time goes on while this is done and a timer waits for every ms. */
async function timeTaken(work: () => Promise<unknown>): Promise<number> {
	let over = false;
	const tick = () => void (over || setTimeout(tick, 1));
	tick();
	const startedAt = Date.now();
	await work();
	over = true;
	return Date.now() - startedAt;
}

describe('time in the tests of the engine', () => {
	it('goes on when all wait for it', async () => {
		expect(await timeTaken(async () => await turns(1_000))).toBeGreaterThan(0);
	});

	it('stops while an answer comes in and is written to disk', async () => {
		expect(await timeTaken(async () => await save(await call()))).toBe(0);
	});

	it('stops while a file is written and read', async () => {
		expect(await timeTaken(async () => await writeFile(file, LARGE))).toBe(0);
		expect(await timeTaken(async () => await readFile(file))).toBe(0);
	});

	it('stops while code goes on in turns of the event loop', async () => {
		expect(await timeTaken(async () => await turns(5))).toBe(0);
	});

	it.each<[string, Play]>([
		['before an answer', (response) => void response.socket?.destroy()],
		['within one', (response) => void response.write(LARGE, () => response.socket?.destroy())],
	])('stands still until a connection that is dropped %s is seen to be', async (_, play) => {
		server.play = play;
		const work = async () => await call().then(save);
		const seen = async () => await expect(work()).rejects.toThrow();
		expect(await timeTaken(seen)).toBe(0);
	});

	it.each<[string, (client: Socket) => void, string]>([
		['bytes', (client) => void client.write('bytes'), 'data'],
		['its end', (client) => void client.end(), 'end'],
		['its drop', (client) => void client.destroy(), 'close'],
	])('stands still until the other side of a connection hears of %s', async (_, act, event) => {
		const slow = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
		await once(slow, 'listening');
		const client = connect((slow.address() as AddressInfo).port, '127.0.0.1');
		const [other] = (await once(slow, 'connection')) as [Socket];
		const work = async () => {
			act(client);
			await turns(1_000);
			other.resume();
			await once(other, event);
		};
		expect(await timeTaken(work)).toBe(0);
		client.destroy();
		slow.close();
	});

	it('goes on when a server keeps its answer to itself, once its bytes are read', async () => {
		const startedAt = Date.now();
		server.play = (response) => void response.writeHead(200).write(LARGE);
		let received = 0;
		let lastAt = 0;
		const response = await call();
		response.on('error', () => undefined);
		response.on('data', (chunk: Buffer) => {
			received += chunk.length;
			lastAt = Date.now();
		});
		await pass(MINUTE_MS);
		expect(received).toBe(LARGE.length);
		expect(lastAt).toBe(startedAt);
		expect(Date.now()).toBe(startedAt + MINUTE_MS);
	});

	it('passes for part of a millisecond too', async () => {
		expect(await timeTaken(async () => await pass(0.5))).toBe(1);
	});

	it('does not wait for ever for what does not come', async () => {
		await expect(until(() => false)).rejects.toThrow('Not within an hour');
	});
});
