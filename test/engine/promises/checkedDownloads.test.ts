import type { INode } from 'n8n-workflow';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import zlib from 'node:zlib';
import { checkMediaUrl, parseHosts } from '../../../nodes/shared/media/openMedia';
import type { FaultName } from '../../emulator/faults';
import { RunComfyEmulator } from '../../emulator/RunComfyEmulator';
import { itemsOf } from '../../fixtures/workflows';
import { itOfModels } from '../itOfModels';
import { isDeployment, made } from '../nodeUnderTest';
import { createWorld, errorOf, kindOf, videosOf, type World } from '../world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

describe('promise 7: a download is checked', () => {
	const rules = {
		apiHost: 'model-api.runcomfy.net',
		allowedHosts: parseHosts('*.friends.example, cdn.test, media.test:8443, bücher.example'),
	};

	it('asks for the file as it is, so that its announced length is the file’s own', async () => {
		await world.run(['a boat']);
		const [download] = world.emulator.calls.filter(({ endpoint }) => endpoint === 'media');
		expect(download.headers['accept-encoding']).toBe('identity');
	});

	it.each([
		['https://cdn.runcomfy.net/a.mp4', 'https://cdn.runcomfy.net/a.mp4'],
		['https://runcomfy.com/a.mp4', 'https://runcomfy.com/a.mp4'],
		['https://a.b.runcomfy.com/a?x=1#y', 'https://a.b.runcomfy.com/a?x=1#y'],
		['HTTPS://CDN.RunComfy.NET:443/a.mp4', 'https://cdn.runcomfy.net/a.mp4'],
		['https://media.friends.example/a', 'https://media.friends.example/a'],
		['https://cdn.test/a', 'https://cdn.test/a'],
		['https://eu.media.test:8443/a', 'https://eu.media.test:8443/a'],
		['https://BÜCHER.example/a', 'https://xn--bcher-kva.example/a'],
	])('%s is fetched as it was checked', (text, href) => {
		expect(checkMediaUrl(text, rules).href).toBe(href);
	});

	it.each([
		'http://cdn.runcomfy.net/a.mp4',
		'ftp://cdn.runcomfy.net/a.mp4',
		'file:///etc/passwd',
		'data:video/mp4;base64,AAAA',
		'javascript:alert(1)',
		'https://user@cdn.runcomfy.net/a.mp4',
		'https://user:pw@cdn.runcomfy.net/a.mp4',
		'https://runcomfy.net@evil.test/a.mp4',
		'https://runcomfy.net.evil.test/a.mp4',
		'https://evilruncomfy.net/a.mp4',
		'https://runcomfy.net.:443/a.mp4',
		'https://evil.test\\@runcomfy.net/a.mp4',
		'https:\\\\evil.test\\runcomfy.net',
		'https://evil.test/runcomfy.net/a.mp4',
		'https://evil.test#.runcomfy.net',
		'https://evil.test?.runcomfy.net',
		'https://runcomfy\u3002net.evil.test/a',
		'https://rυncomfy.net/a.mp4',
		'https://cdn.runcomfy.net:8443/a.mp4',
		'https://cdn.test:8443/a.mp4',
		'https://media.test/a.mp4',
		'https://media.test:8444/a.mp4',
		'https://127.0.0.1/a.mp4',
		'http://127.0.0.1/a.mp4',
		'https://2130706433/a.mp4',
		'https://0x7f.1/a.mp4',
		'https://[::1]/a.mp4',
		'https://[::ffff:127.0.0.1]/a.mp4',
		'https://169.254.169.254/latest/meta-data',
		'https://localhost/a.mp4',
		'//evil.test/a.mp4',
		'/a.mp4',
		'not a url',
		'',
	])('%j is refused before a connection is made', (text) => {
		expect(() => checkMediaUrl(text, rules)).toThrow(
			expect.objectContaining({ kind: 'downloadRefused' }),
		);
	});

	it.each([
		['https://cdn.example.com/', ['cdn.example.com']],
		['http://cdn.example.com', ['cdn.example.com']],
		['CDN.Example.COM', ['cdn.example.com']],
		['cdn.example.com.', ['cdn.example.com']],
		['HTTPS://*.CDN.example.com./', ['cdn.example.com']],
		['.example.com', ['example.com']],
		['cdn.example.com:443', ['cdn.example.com']],
		['http://cdn.example.com:443/', ['cdn.example.com']],
		['cdn.example.com:8443', ['cdn.example.com:8443']],
		['bücher.example, 例え.jp', ['xn--bcher-kva.example', 'xn--r8jz45g.jp']],
		['a.example;b.example\n c.example,', ['a.example', 'b.example', 'c.example']],
		['', []],
	])('the option %j is understood', (list, hosts) => {
		expect(parseHosts(list)).toEqual(hosts);
	});

	it.each([
		['cdn.example.com/files', 'is more than a host'],
		['https://cdn.example.com/?x=1', 'is more than a host'],
		['https://user:pw@cdn.example.com', 'contains a user name or password'],
		['ftp://cdn.example.com', 'is more than a host'],
		['cdn.example.com:99999', 'is not one'],
		['*', 'is not one'],
		['cdn.*.com', 'is not one'],
		['http://', 'is not one'],
		['[object', 'is not one'],
		['10.0.0.7', 'is an IP address'],
		['[::1]:8443', 'is an IP address'],
		['0x7f.1', 'is an IP address'],
	])('the option %j is refused before anything is sent, and named', async (entry, why) => {
		const options = { allowedDownloadHosts: `cdn.example.com, ${entry}` };
		const { message, description } = errorOf(await world.run(['a boat'], { options }));
		expect(message).toBe(
			`Allowed Download Hosts must name hosts such as cdn.example.com, but "${entry}" ${why}`,
		);
		expect(description).toContain('Nothing was sent');
		const reads = ['model', 'objectInfo'];
		expect(world.emulator.calls.filter(({ endpoint }) => !reads.includes(endpoint))).toEqual([]);
	});

	it('a relative redirect stays on the host it came from', () => {
		const base = new URL('https://cdn.runcomfy.net/x/y.mp4');
		expect(checkMediaUrl('../z.mp4', { ...rules, base }).href).toBe(
			'https://cdn.runcomfy.net/z.mp4',
		);
		expect(() => checkMediaUrl('//evil.test/z.mp4', { ...rules, base })).toThrow();
	});

	it('a hostile URL in the result ends in an error with URL and id, and in no connection', async () => {
		world.emulator.respond = ({ endpoint }, usual) => {
			const answer = usual();
			if (endpoint !== 'result') return answer;
			const hostile = '"$1":"https://runcomfy.net.evil.test/a.mp4"';
			return { ...answer, body: String(answer.body).replace(/"(video|url)":"[^"]+"/, hostile) };
		};
		const { message, description } = errorOf(await world.run(['a boat']));
		expect(message).toBe('The file was not downloaded because its address is not allowed');
		expect(description).toContain('runcomfy.net.evil.test is not allowed');
		expect(description).toContain('URL: https://runcomfy.net.evil.test/a.mp4');
		expect(description).toContain(`Request ID: ${[...world.emulator.requests.keys()][0]}`);
		expect(world.emulator.paidPosts).toBe(1);
	});

	/** Redirects downloads to this host, by default those that were not yet redirected. */
	function redirectMedia(host: string, which = (path: string) => path.includes('?')): void {
		world.emulator.respond = ({ endpoint, path }, usual) =>
			endpoint === 'media' && which(path)
				? { status: 302, headers: { location: `${host}${path.split('?')[0]}` }, body: '' }
				: usual();
	}

	it('a redirect on the same host is followed, one to elsewhere is not', async () => {
		redirectMedia('');
		const [item] = videosOf(await world.run(['a boat']));
		expect(await world.engine.binary(item.binary?.data)).toHaveLength(
			RunComfyEmulator.file('16:9').length,
		);
		redirectMedia('http://localhost:1');
		const { message } = errorOf(await world.run(['another boat']));
		expect(message).toBe('The file was not downloaded because its address is not allowed');
		expect(world.emulator.paidPosts).toBe(2);
	});

	it('redirects without end are given up', async () => {
		redirectMedia('', () => true);
		const run = await world.run(['a boat']);
		const { description } = errorOf(run);
		expect(kindOf(run)).toBe('downloadFailed');
		expect(description).toContain('too many redirects');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it.each<[FaultName, string]>([
		['short', 'ECONNRESET'],
		['long', 'the file is cut short: it lacks 100 of its bytes'],
		['stall', 'the download stalled'],
		['trickle', 'the download stalled'],
		['hangBefore', 'the download stalled: 0 bytes'],
		['webPage', 'a web page or an error message, not the file'],
		['html502', 'HTTP status: 502'],
		['resetBefore', 'ECONNRESET'],
	])('a body that is always hit by %s is found out after a few tries', async (fault, cause) => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'media' ? fault : undefined);
		const run = await world.run(['a boat']);
		const { description } = errorOf(run);
		expect(kindOf(run)).toBe('downloadFailed');
		expect(description).toContain(cause);
		expect(description).toContain(`The ${made} is finished and paid for`);
		expect(world.emulator.count('media')).toBe(4);
		expect(world.emulator.paidPosts).toBe(1);
	});

	const page = '<!doctype html><html><title>Sign in</title></html>';
	const clip = RunComfyEmulator.file('16:9');
	const signature = clip.subarray(0, 32);

	/** Answers downloads with this body, under this type, with or without its length. */
	function answerWith(
		contentType: string | undefined,
		body: string | Buffer,
		headers: Record<string, string> = {},
	): void {
		const type = contentType && { 'content-type': contentType };
		world.emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'media' ? { status: 200, headers: { ...type, ...headers }, body } : usual();
	}

	const UNANNOUNCED = { 'transfer-encoding': 'chunked' };

	it.each<[string, string | undefined, string | Buffer, string]>([
		['nothing', 'video/mp4', '', 'the file is empty'],
		['HTML', 'video/mp4', page, 'a web page or an error message'],
		['HTML', 'application/octet-stream', page, 'a web page or an error message'],
		['an XML error', undefined, '<?xml version="1.0"?><Error/>', 'a web page or an error message'],
		['a JSON error', undefined, '{"error":"no"}', 'text, not media'],
		['a signature alone', 'video/mp4', signature, 'there is no movie in the file'],
		['a cut file', 'video/mp4', clip.subarray(0, -1), 'it lacks 1 of its bytes'],
		[
			'noise',
			'video/mp4',
			Buffer.alloc(600, '\x00\xff\x13', 'latin1'),
			'there is no movie in the file',
		],
	])('%s as %s is never a video', async (_, contentType, body, cause) => {
		for (const headers of [{}, UNANNOUNCED]) {
			answerWith(contentType, body, headers);
			const { message, description } = errorOf(
				await world.run([`a boat ${Object.keys(headers).join()}`]),
			);
			expect(message).toBe('The file could not be downloaded');
			expect(description).toContain(cause);
		}
	});

	it('HTML as image/png is never an image', async () => {
		answerWith('image/png', page);
		const { description } = errorOf(await world.run(['[image] a boat']));
		expect(description).toContain('a web page or an error message, not the file');
	});

	it.each([
		'application/mp4',
		'text/plain',
		'text/html',
		'application/octet-stream',
		'image/png',
		undefined,
	])('a video is one also as %s', async (contentType) => {
		answerWith(contentType, clip);
		const [item] = videosOf(await world.run(['a boat']));
		expect(item.binary?.data).toMatchObject({ mimeType: 'video/mp4', fileExtension: 'mp4' });
		expect(world.emulator.count('media')).toBe(1);
	});

	it.each<[string, Buffer]>([
		...[1, 2, 3, 4, 5, 6, 7, 8, 64].map((count): [string, Buffer] => [
			`${count} zeros`,
			Buffer.alloc(count),
		]),
		['a new line', Buffer.from('\r\n')],
		['some words', Buffer.from('some text')],
		['a comment', Buffer.from('<!-- served by a cache, which says more than it is asked for -->')],
	])('a file arrives as it is with %s behind its last box', async (_, more) => {
		const body = Buffer.concat([clip, more]);
		for (const headers of [{}, UNANNOUNCED]) {
			answerWith('video/mp4', body, headers);
			const [item] = videosOf(await world.run([`a boat ${Object.keys(headers).join()}`]));
			expect((await world.engine.binary(item.binary?.data)).equals(body)).toBe(true);
		}
		expect(world.emulator.count('media')).toBe(2);
	});

	const packings: Array<[string, ((bytes: Buffer) => Buffer) | undefined]> = [
		['gzip', zlib.gzipSync],
		['br', zlib.brotliCompressSync],
		['deflate', zlib.deflateSync],
		['zstd', knowsZstd() ? zlib.zstdCompressSync : undefined],
	];
	describe.each(packings.filter(([, pack]) => pack !== undefined))(
		'a file packed as %s, which was not asked for,',
		(encoding, pack) => {
			const answerPacked = (body: Buffer) =>
				answerWith('video/mp4', body, { 'content-encoding': encoding });

			it.each(['[quick] a boat', '[image] a boat'])('arrives whole: %s', async (prompt) => {
				const file = RunComfyEmulator.file('16:9', prompt.startsWith('[image]') ? 'png' : 'mp4');
				answerPacked(pack!(file));
				const [item] = videosOf(await world.run([prompt]));
				expect((await world.engine.binary(item.binary?.data)).equals(file)).toBe(true);
				expect(world.emulator.count('media')).toBe(1);
			});

			it('is found out when it is cut', async () => {
				answerPacked(pack!(clip).subarray(0, -2_000));
				expect(kindOf(await world.run(['a boat']))).toBe('downloadFailed');
			});
		},
	);

	it('a file over the cap is not downloaded, whether its length is announced or not', async () => {
		const options = { maximumFileSizeMb: 0.02 };
		const announced = errorOf(await world.run(['a boat'], { options }));
		answerWith('video/mp4', clip, UNANNOUNCED);
		const unannounced = errorOf(await world.run(['another boat'], { options }));
		for (const { message, description } of [announced, unannounced]) {
			expect(message).toBe('The file was not downloaded because it is too large');
			expect(description).toContain('It is larger than 0.02 MB');
			expect(description).toContain('URL: http');
		}
		expect(world.emulator.count('media')).toBe(2);
		expect(world.emulator.paidPosts).toBe(2);
	});

	itOfModels(
		'every file of an output is put out, also as an object with a URL, also sound',
		async () => {
			const items = videosOf(await world.run(['[nested] a boat']));
			expect(items.map(({ json, binary }) => [json.media_type, binary?.data.mimeType])).toEqual([
				['video', 'video/mp4'],
				['audio', 'audio/wav'],
			]);
			expect(items[1].binary?.data.fileName).toMatch(/-2\.wav$/);
		},
	);

	it('a long title gives a name that every disk takes', async () => {
		const fileName = '雨中的纸船'.repeat(50);
		const [item] = videosOf(await world.run(['a boat'], { options: { fileName } }));
		const name = item.binary?.data.fileName ?? '';
		expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
		expect(name).toMatch(/^(雨中的纸船){13}\.mp4$/);
	});

	it('a length that is not announced is no fault', async () => {
		answerWith('video/mp4', clip, UNANNOUNCED);
		const [item] = videosOf(await world.run(['a boat']));
		expect(await world.engine.binary(item.binary?.data)).toHaveLength(
			RunComfyEmulator.file('16:9').length,
		);
	});

	describe('a link that has expired', () => {
		/** Answers links of the first results with this status. */
		function expireLinks(status: number, results = 1): void {
			world.emulator.respond = ({ endpoint, path }, usual) =>
				endpoint === 'media' && Number(/signature=(\d+)/.exec(path)?.[1]) <= results
					? { status, body: '<Error>Request has expired</Error>' }
					: usual();
		}

		it.each([400, 401, 403, 404, 410])('with a %i is renewed once', async (status) => {
			expireLinks(status);
			const [item] = videosOf(await world.run(['a boat']));
			expect(item.binary?.data.mimeType).toBe('video/mp4');
			expect(item.json.url).toMatch(/signature=2$/);
			if (!isDeployment) expect(item.json.cost).toBe(0.84);
			expect(world.emulator.count('result')).toBe(2);
			expect(world.emulator.count('media')).toBe(2);
			expect(world.emulator.paidPosts).toBe(1);
		});

		itOfModels('is asked for once for all files of a request', async () => {
			expireLinks(403);
			const items = videosOf(await world.run(['[mixed] a boat']));
			expect(items.map(({ json }) => json.url)).toEqual(
				['_0.mp4', '_1.mp4', '_2.png', '_3.png'].map((end) => expect.stringContaining(end)),
			);
			expect(items.every(({ json }) => String(json.url).endsWith('signature=2'))).toBe(true);
			expect(world.emulator.count('result')).toBe(2);
			expect(world.emulator.count('media')).toBe(5);
		});

		it('is given up when the fresh one is refused too, and named', async () => {
			expireLinks(410, 9);
			const run = await world.run(['a boat']);
			const { description } = errorOf(run);
			expect(kindOf(run)).toBe('downloadFailed');
			expect(description).toMatch(/URL: .+signature=2\n/);
			expect(description).toContain('HTTP status: 410');
			expect(world.emulator.count('result')).toBe(2);
			expect(world.emulator.count('media')).toBe(2);
		});

		it('is what the error shows when there is no fresh one', async () => {
			expireLinks(403);
			world.emulator.chooseFault = ({ endpoint }) =>
				endpoint === 'result' && world.emulator.count('media') > 0 ? 'forbidden' : undefined;
			const run = await world.run(['a boat']);
			const { description } = errorOf(run);
			expect(kindOf(run)).toBe('downloadFailed');
			expect(description).toContain('HTTP status: 403');
			expect(world.emulator.count('media')).toBe(1);
		});
	});

	it('a slow file holds the finished ones back for minutes at most', async () => {
		world.emulator.chooseFault = ({ endpoint, requestId }) =>
			endpoint === 'media' && requestId?.includes([...world.emulator.requests.keys()][1])
				? 'trickle'
				: undefined;
		const started = Date.now();
		const settings = { onError: 'continueRegularOutput' as const };
		const items = videosOf(await world.run(['one', 'two', 'three'], {}, settings));
		expect(items.map(({ binary }) => binary?.data.mimeType)).toEqual([
			'video/mp4',
			undefined,
			'video/mp4',
		]);
		expect(items[1].json).toMatchObject({
			error: 'The file could not be downloaded',
			request_id: [...world.emulator.requests.keys()][1],
			url: expect.stringContaining('.mp4'),
		});
		expect(Date.now() - started).toBeLessThan(600_000);
	});

	describe('what failed to download is still there', () => {
		const run = async (settings: Partial<INode>) => {
			world.emulator.chooseFault = ({ endpoint, requestId }) =>
				endpoint === 'media' && requestId?.includes('_1.') ? 'gone' : undefined;
			return await world.run(['[videos] a boat'], {}, settings);
		};

		it('as an item with URL and id beside the good one on the regular output', async () => {
			const [good, failed] = videosOf(await run({ onError: 'continueRegularOutput' }));
			expect(good.binary?.data.mimeType).toBe('video/mp4');
			expect(failed.json).toMatchObject({
				error: 'The file could not be downloaded',
				request_id: good.json.request_id,
				url: expect.stringContaining('_1.mp4'),
				details: { reason: 'downloadFailed' },
			});
		});

		it('as an item with URL and id on the error output', async () => {
			const ended = await run({ onError: 'continueErrorOutput' });
			expect(itemsOf(ended, 'Videos')).toHaveLength(1);
			expect(itemsOf(ended, 'Failures')[0].json.details).toMatchObject({
				request_id: [...world.emulator.requests.keys()][0],
				url: expect.stringContaining('_1.mp4'),
			});
		});

		it('as an error with URL and id', async () => {
			const { description } = errorOf(await run({}));
			expect(description).toMatch(/Request ID: .+\n[\s\S]*URL: .+_1\.mp4/);
			expect(world.emulator.paidPosts).toBe(1);
		});
	});
});

/** Node knows zstd since 22.15, and axios, which n8n asks with, since 1.17. */
function knowsZstd(): boolean {
	const core = dirname(require.resolve('n8n-core'));
	const axios = readFileSync(require.resolve('axios', { paths: [core] }), 'utf8');
	return 'zstdCompressSync' in zlib && axios.includes('zstd');
}
