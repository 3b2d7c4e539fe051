import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FaultName } from '../../emulator/faults';
import { RunComfyEmulator } from '../../emulator/RunComfyEmulator';
import { itWithSmallDisk, mountSmallDisk, type SmallDisk } from '../../fixtures/smallDisk';
import { MemoryDatabase } from '../MemoryDatabase';
import { made } from '../nodeUnderTest';
import { createWorld, errorOf, kindOf, videosOf, type World } from '../world';

const clip = RunComfyEmulator.file('16:9');

// Before n8n-core 2.35 a file is written in its place as it comes, so n8n keeps what came of a bad one.
const core = dirname(require.resolve('n8n-core'));
const writesInPlace = !existsSync(join(core, 'binary-data', 'blob.manager.js'));

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => {
	world.engine.storeBinaryData('disk');
	await world.end();
});

/** All files in n8n's folder for binary data. */
function filesOnDisk(): string[] {
	return readdirSync(world.engine.binaryDataFolder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ name }) => name)
		.sort();
}

/** Answers each download with this. */
function answerWith(body: Buffer, headers = {}): void {
	world.emulator.respond = ({ endpoint }, usual) =>
		endpoint === 'media' ? { ...usual(), headers, body } : usual();
}

describe("promise 7: n8n's store gets what is checked, and nothing else", () => {
	it.each(['disk', 'item', 'database'] as const)(
		'a good file arrives whole in a store that keeps it in: %s',
		async (kind) => {
			world.engine.storeBinaryData(kind === 'database' ? new MemoryDatabase() : kind);
			const [item] = videosOf(await world.run(['a boat']));
			expect((await world.engine.binary(item.binary?.data)).equals(clip)).toBe(true);
			expect(world.emulator.count('media')).toBe(1);
		},
	);

	const bad: Array<[string, FaultName | Buffer]> = [
		['cut by the network', 'short'],
		['cut by the server', 'long'],
		['that stands still', 'stall'],
		['that is a web page', 'webPage'],
		['that lacks its last byte', clip.subarray(0, -1)],
		['without a movie', clip.subarray(0, 32)],
	];

	describe.each(bad)('of a file %s', (_, what) => {
		beforeEach(() => {
			if (typeof what !== 'string') return answerWith(what);
			world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'media' ? what : undefined);
		});

		(writesInPlace ? it.skip : it)('nothing is left on the disk', async () => {
			const before = filesOnDisk();
			expect(kindOf(await world.run(['a boat']))).toBe('downloadFailed');
			expect(world.emulator.count('media')).toBe(4);
			expect(filesOnDisk()).toEqual(before);
		});

		it('nothing is left in the database', async () => {
			const database = new MemoryDatabase();
			world.engine.storeBinaryData(database);
			expect(kindOf(await world.run(['a boat']))).toBe('downloadFailed');
			expect(database.rows.size).toBe(0);
		});

		it('nothing is left in the item', async () => {
			world.engine.storeBinaryData('item');
			const settings = { onError: 'continueRegularOutput' as const };
			const [item] = videosOf(await world.run(['a boat'], {}, settings));
			expect(item.json.error).toBe('The file could not be downloaded');
			expect(item.binary).toBeUndefined();
		});
	});

	(writesInPlace ? it.skip : it)(
		'nothing is left of a file that turns out too large on its way',
		async () => {
			const before = filesOnDisk();
			const unannounced = { 'transfer-encoding': 'chunked' };
			answerWith(Buffer.concat([clip, Buffer.alloc(1_000_000)]), unannounced);
			const options = { maximumFileSizeMb: 0.5 };
			const { message } = errorOf(await world.run(['a boat'], { options }));
			expect(message).toBe('The file was not downloaded because it is too large');
			expect(filesOnDisk()).toEqual(before);
		},
	);

	it('a store that takes its time over a whole file is left to it', async () => {
		const database = new MemoryDatabase(512, 600_000);
		world.engine.storeBinaryData(database);
		const [item] = videosOf(await world.run(['a boat']));
		expect((await world.engine.binary(item.binary?.data)).equals(clip)).toBe(true);
		expect(database.rows.size).toBe(1);
		expect(world.emulator.count('media')).toBe(1);
	});

	it('Stop does not wait for a store that takes its time', async () => {
		world.engine.storeBinaryData(new MemoryDatabase(512, 'never'));
		const execution = world.start(['a boat']);
		world.emulator.onCall = ({ endpoint }) => {
			if (endpoint === 'media') setTimeout(() => execution.stop(), 100);
		};
		expect(errorOf(await execution.finished).message).toBe('The execution was cancelled manually');
	});
});

describe("a fault of n8n's store is not taken for the network's", () => {
	const large = Buffer.concat([clip, Buffer.alloc(2_000_000)]);

	/** What the error says, after a check that nothing was tried twice. */
	async function storeError(options = {}): Promise<string> {
		const { message, description } = errorOf(await world.run(['a boat'], { options }));
		expect(message).toBe('n8n could not store the file');
		expect(description).toContain(`The ${made} is finished and paid for`);
		expect(description).toMatch(/Request ID: \S+\n[\s\S]*URL: http/);
		expect(world.emulator.count('media')).toBe(1);
		expect(world.emulator.paidPosts).toBe(1);
		return description;
	}

	it('over the limit of the database: the limit and its setting are named', async () => {
		world.engine.storeBinaryData(new MemoryDatabase(1));
		answerWith(large);
		const description = await storeError({ fileName: 'a long title '.repeat(20) });
		expect(description).toContain('Increase N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE');
		expect(description).toContain('exceeds the max size limit of 1 MB');
	});

	it('an unknown error of the store is shown as it is', async () => {
		const database = new MemoryDatabase();
		database.rows.set = () => {
			throw new Error('the connection to the database was lost');
		};
		world.engine.storeBinaryData(database);
		const description = await storeError();
		expect(description).toContain("Check n8n's log");
		expect(description).toContain('Cause: the connection to the database was lost');
	});

	it('goes with the item when the node continues', async () => {
		world.engine.storeBinaryData(new MemoryDatabase(1));
		answerWith(large);
		const settings = { onError: 'continueRegularOutput' as const };
		const [item] = videosOf(await world.run(['a boat'], {}, settings));
		expect(item.json).toMatchObject({
			request_id: [...world.emulator.requests.keys()][0],
			url: expect.stringContaining('.mp4'),
			details: { reason: 'storeFailed' },
		});
	});

	describe('on a disk of 1 MB', () => {
		const itOnDisk = itWithSmallDisk();
		let disk: SmallDisk;
		let usual: string;
		beforeAll(() => void (disk = mountSmallDisk()));
		beforeEach(async () => {
			usual = world.engine.binaryDataFolder;
			await world.engine.storeBinaryDataIn(disk.folder);
		});
		afterEach(async () => await world.engine.storeBinaryDataIn(usual));
		afterAll(() => disk.unmount());

		itOnDisk('that is full', async () => {
			answerWith(large);
			const description = await storeError();
			expect(description).toContain("The disk for n8n's binary data is full");
			expect(description).toContain('N8N_BINARY_DATA_STORAGE_PATH');
			expect(description).toContain('ENOSPC');
			if (!writesInPlace) expect(filesOnDisk()).toEqual([]);
		});

		itOnDisk('that is closed to n8n', async () => {
			execFileSync('mount', ['-o', 'remount,ro', disk.folder]);
			const description = await storeError();
			execFileSync('mount', ['-o', 'remount,rw', disk.folder]);
			expect(description).toContain('n8n cannot write to its folder for binary data');
		});
	});
});
