import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LocalServer } from '../emulator/LocalServer';
import { pass, until } from './virtualTime';

const LARGE = Buffer.alloc(50_000_000);
const MINUTE_MS = 60_000;

class Server extends LocalServer {
	/** Plays the answer to a call. */
	play = (response: ServerResponse): void => void response.end(LARGE);

	async start(): Promise<this> {
		return await this.listen();
	}

	protected async answer(_request: IncomingMessage, response: ServerResponse): Promise<void> {
		this.play(response);
	}
}

const folder = mkdtempSync(join(tmpdir(), 'virtual-time-'));
const file = join(folder, 'file');
let server: Server;
beforeEach(async () => (server = await new Server().start()));
afterEach(async () => await server.stop());
afterAll(() => rmSync(folder, { recursive: true }));

async function answer(): Promise<IncomingMessage> {
	return await new Promise((resolve, reject) => {
		get(server.url, { agent: false }, resolve).once('error', reject);
	});
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
	it('stands still while an answer comes in and is written to disk', async () => {
		const work = async () => await pipeline(await answer(), createWriteStream(file));
		expect(await timeTaken(work)).toBe(0);
	});

	it('stands still while a file is written and read', async () => {
		expect(await timeTaken(async () => await writeFile(file, LARGE))).toBe(0);
		expect(await timeTaken(async () => await readFile(file))).toBe(0);
	});

	it.each<[string, (response: ServerResponse) => void]>([
		['before an answer', (response) => void response.socket?.destroy()],
		['within one', (response) => void response.write(LARGE, () => response.socket?.destroy())],
	])('stands still until a connection that is dropped %s is seen to be', async (_, play) => {
		server.play = play;
		const work = async () => {
			await expect(
				(async () => await pipeline(await answer(), createWriteStream(file)))(),
			).rejects.toThrow();
		};
		expect(await timeTaken(work)).toBe(0);
	});

	it('goes on when a server keeps its answer to itself, and not before its bytes have come', async () => {
		const startedAt = Date.now();
		server.play = (response) => void response.writeHead(200).write(LARGE);
		let received = 0;
		let lastAt = 0;
		const response = await answer();
		response.on('data', (chunk: Buffer) => {
			received += chunk.length;
			lastAt = Date.now();
		});
		response.on('error', () => undefined);
		await pass(MINUTE_MS);
		expect(received).toBe(LARGE.length);
		expect(lastAt).toBe(startedAt);
		expect(Date.now()).toBe(startedAt + MINUTE_MS);
	});

	it('passes for part of a millisecond too', async () => {
		await pass(0.5);
	});

	it('does not wait for ever for what does not come', async () => {
		await expect(until(() => false)).rejects.toThrow('Not within an hour');
	});
});
