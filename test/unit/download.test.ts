import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { Clock } from '../../nodes/shared/api/http';
import { hostClock } from '../../nodes/shared/connection/clock';
import type { RunComfyError } from '../../nodes/shared/api/errors';
import { download } from '../../nodes/shared/media/download';
import { installVirtualClock, runOut } from '../fixtures/virtualClock';

const file = { kind: 'video' as const, url: 'https://cdn.runcomfy.net/a', index: 0, count: 1 };
const options = { fileName: '', allowedHosts: [], maximumBytes: 100_000_000 };

/** How often a file is asked for when each try ends so late, in ms, with a lost connection. */
async function triesOf(tryMs: number): Promise<number> {
	let now = 0;
	let tries = 0;
	const clock: Clock = {
		now: () => now,
		sleep: async (ms, signal) =>
			await new Promise((resolve, reject) => {
				signal?.addEventListener('abort', () => reject(signal.reason));
				if (ms >= 30_000) return;
				now += ms;
				resolve();
			}),
	};
	const run = {
		helpers: {
			httpRequest: async () => {
				tries++;
				now += tryMs;
				throw await Promise.resolve(Object.assign(new Error('lost'), { code: 'ECONNRESET' }));
			},
			prepareBinaryData: async () => await Promise.reject(new Error('nothing to store')),
		},
		clock,
		stop: { signal: new AbortController().signal },
		apiHost: 'model-api.runcomfy.net',
	};
	await expect(download(run, file, 'id', options)).rejects.toMatchObject({
		kind: 'downloadFailed',
	});
	return tries;
}

describe('the tries of a download', () => {
	it('are four', async () => {
		expect(await triesOf(0)).toBe(4);
		expect(await triesOf(90_000)).toBe(4);
	});

	it('begin within the first five minutes', async () => {
		expect(await triesOf(120_000)).toBe(3);
		expect(await triesOf(299_000)).toBe(2);
		expect(await triesOf(300_000)).toBe(1);
	});
});

describe('the time of a download', () => {
	const clip = readFileSync(join(__dirname, '../fixtures/formats/clip.mp4'));
	const chunk = Buffer.alloc(100_000);
	const pause = async (ms: number) => await hostClock.sleep(ms);

	/** Downloads 10 MB, in so many ms before each chunk, into a store that stops once for so long. */
	async function outcomeOf(networkMs: number, storeMs: number): Promise<unknown> {
		async function* body() {
			yield clip;
			for (let sent = 0; sent < 100; sent++) {
				await pause(networkMs);
				yield chunk;
			}
		}
		const run = {
			helpers: {
				httpRequest: async () =>
					await Promise.resolve({
						statusCode: 200,
						headers: {},
						body: Readable.from(body(), { objectMode: false }),
					}),
				prepareBinaryData: (async (stream: AsyncIterable<Buffer>) => {
					let bytes = 0;
					let stopped = false;
					for await (const part of stream) {
						bytes += part.length;
						if (stopped || bytes < 1_000_000) continue;
						stopped = true;
						await pause(storeMs);
					}
					return { data: '', mimeType: '' };
				}) as unknown as IExecuteFunctions['helpers']['prepareBinaryData'],
			},
			clock: hostClock,
			stop: { signal: new AbortController().signal },
			apiHost: 'model-api.runcomfy.net',
		};
		const clock = installVirtualClock();
		try {
			const outcome = download(run, file, 'id', options).catch(({ facts }: RunComfyError) => facts);
			await runOut(clock);
			return await outcome;
		} finally {
			clock.uninstall();
		}
	}

	const whole = { info: { file_size: clip.length + 10_000_000, duration: 0.4 } };

	it('is that of the network: a store may take as long as it likes over a part', async () => {
		expect(await outcomeOf(1, 20_000)).toMatchObject(whole);
		expect(await outcomeOf(1, 90_000)).toMatchObject(whole);
		expect(await outcomeOf(1_000, 3_600_000)).toMatchObject(whole);
	});

	it('is still bounded behind a slow store', async () => {
		expect(await outcomeOf(40_000, 90_000)).toMatchObject({
			detail: expect.stringContaining('the download stalled'),
		});
	});
});
