import type { INode } from 'n8n-workflow';
import { checkMediaUrl, parseHosts } from '../../../nodes/shared/media/mediaUrl';
import type { FaultName } from '../../emulator/faults';
import { RunComfyEmulator } from '../../emulator/RunComfyEmulator';
import { itemsOf } from '../../fixtures/workflows';
import { createWorld, errorOf, videosOf, type World } from '../world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

describe('promise 7: a download is checked', () => {
	const rules = {
		apiHost: 'model-api.runcomfy.net',
		allowedHosts: parseHosts('*.friends.example, cdn.test'),
	};

	it.each([
		['https://cdn.runcomfy.net/a.mp4', 'https://cdn.runcomfy.net/a.mp4'],
		['https://runcomfy.com/a.mp4', 'https://runcomfy.com/a.mp4'],
		['https://a.b.runcomfy.com/a?x=1#y', 'https://a.b.runcomfy.com/a?x=1#y'],
		['HTTPS://CDN.RunComfy.NET:443/a.mp4', 'https://cdn.runcomfy.net/a.mp4'],
		['https://media.friends.example/a', 'https://media.friends.example/a'],
		['https://cdn.test/a', 'https://cdn.test/a'],
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

	it('a relative redirect stays on the host it came from', () => {
		const base = new URL('https://cdn.runcomfy.net/x/y.mp4');
		expect(checkMediaUrl('../z.mp4', { ...rules, base }).href).toBe(
			'https://cdn.runcomfy.net/z.mp4',
		);
		expect(() => checkMediaUrl('//evil.test/z.mp4', { ...rules, base })).toThrow();
	});

	it('a hostile URL in the result ends in an error with URL and id, and in no connection', async () => {
		world.emulator.mediaUrl = 'https://runcomfy.net.evil.test/a.mp4';
		const { message, description } = errorOf(await world.run(['a boat']));
		expect(message).toBe('The file was not downloaded because its address is not allowed');
		expect(description).toContain('runcomfy.net.evil.test is not on the list of allowed hosts');
		expect(description).toContain('URL: https://runcomfy.net.evil.test/a.mp4');
		expect(description).toContain(`Request ID: ${[...world.emulator.requests.keys()][0]}`);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('a redirect on the same host is followed, one to elsewhere is not', async () => {
		world.emulator.mediaRedirect = '/media/{name}';
		const [item] = videosOf(await world.run(['a boat']));
		expect(await world.engine.binary(item.binary?.data)).toHaveLength(
			RunComfyEmulator.file('16:9').length,
		);
		world.emulator.mediaRedirect = 'http://localhost:1/{name}';
		const { message } = errorOf(await world.run(['another boat']));
		expect(message).toBe('The file was not downloaded because its address is not allowed');
		expect(world.emulator.paidPosts).toBe(2);
	});

	it('redirects without end are given up', async () => {
		world.emulator.mediaRedirect = '/media/{name}';
		world.emulator.redirectAlways = true;
		const { message, description } = errorOf(await world.run(['a boat']));
		expect(message).toBe('The file could not be downloaded');
		expect(description).toContain('too many redirects');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it.each<[FaultName, string]>([
		['short', 'ECONNRESET'],
		['long', 'the video is cut short'],
		['stall', 'the download stood still'],
		['webPage', 'a web page or text, not media'],
		['html502', 'HTTP status: 502'],
		['resetBefore', 'ECONNRESET'],
	])('a body that is always hit by %s is found out after a few tries', async (fault, cause) => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'media' ? fault : undefined);
		const { message, description } = errorOf(await world.run(['a boat']));
		expect(message).toBe('The file could not be downloaded');
		expect(description).toContain(cause);
		expect(description).toContain('The video is made and paid for');
		expect(world.emulator.count('media')).toBe(4);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('a file over the cap is not downloaded, whether its length is announced or not', async () => {
		const options = { maximumFileSizeMb: 0.02 };
		const announced = errorOf(await world.run(['a boat'], { options }));
		world.emulator.chunkedMedia = true;
		const unannounced = errorOf(await world.run(['another boat'], { options }));
		for (const { message, description } of [announced, unannounced]) {
			expect(message).toBe('The file was not downloaded because it is too large');
			expect(description).toContain('URL: http');
		}
		expect(world.emulator.count('media')).toBe(2);
		expect(world.emulator.paidPosts).toBe(2);
	});

	it.each(['disk', 'item'] as const)(
		'arrives whole in a store that keeps it in the %s',
		async (where) => {
			world.engine.storeBinaryData(where);
			const [item] = videosOf(await world.run(['a boat']));
			const bytes = await world.engine.binary(item.binary?.data);
			world.engine.storeBinaryData('disk');
			expect(bytes.equals(RunComfyEmulator.file('16:9'))).toBe(true);
			expect(world.emulator.count('media')).toBe(1);
		},
	);

	it('a length that is not announced is no fault', async () => {
		world.emulator.chunkedMedia = true;
		const [item] = videosOf(await world.run(['a boat']));
		expect(await world.engine.binary(item.binary?.data)).toHaveLength(
			RunComfyEmulator.file('16:9').length,
		);
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
