import type { Clock } from '../../nodes/shared/api/http';
import { createDownload } from '../../nodes/shared/media/download';

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
	const download = createDownload({
		helpers: {
			httpRequest: async () => {
				tries++;
				now += tryMs;
				throw await Promise.resolve(Object.assign(new Error('lost'), { code: 'ECONNRESET' }));
			},
			prepareBinaryData: async () => await Promise.reject(new Error('nothing to store')),
		},
		clock,
		signal: new AbortController().signal,
		apiHost: 'model-api.runcomfy.net',
	});
	const file = { kind: 'video' as const, url: 'https://cdn.runcomfy.net/a', index: 0, count: 1 };
	const options = { fileName: '', allowedHosts: [], maximumBytes: 1_000 };
	await expect(download(file, 'id', options)).rejects.toMatchObject({ kind: 'downloadFailed' });
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
