import { safeFileName } from '../../nodes/shared/media/fileName';
import { listMedia } from '../../nodes/shared/media/media';
import { mediaTypeOf } from '../../nodes/shared/media/mediaType';
import { redact } from '../../nodes/shared/errors/redact';

describe('a file name', () => {
	it.each([
		['', 'id-1', 'id-1.mp4'],
		['summer', 'id', 'summer.mp4'],
		['summer.mp4', 'id', 'summer.mp4'],
		['summer.PNG', 'id', 'summer.mp4'],
		['v1.5 final', 'id', 'v1.5 final.mp4'],
		['../../etc/passwd', 'id', 'etc_passwd.mp4'],
		['..\\..\\boot.ini', 'id', 'boot.ini.mp4'],
		['C:\\temp\\x', 'id', 'C_temp_x.mp4'],
		['...', 'id', 'id.mp4'],
		['.hidden', 'id', 'hidden.mp4'],
		['a\u0000b\u202Egpj', 'id', 'abgpj.mp4'],
		['con', 'id', '_con.mp4'],
		['  spaced   out  ', 'id', 'spaced out.mp4'],
		['영상 🎬', 'id', '영상 🎬.mp4'],
		['x'.repeat(500), 'id', `${'x'.repeat(120)}.mp4`],
		['///', '..', 'video.mp4'],
	])('%j becomes safe', (wanted, fallback, name) => {
		expect(safeFileName(wanted, fallback, 'mp4')).toBe(name);
	});

	it('tells several files of a request apart', () => {
		expect([0, 1].map((place) => safeFileName('clip.mp4', 'id', 'mp4', place))).toEqual([
			'clip-1.mp4',
			'clip-2.mp4',
		]);
	});
});

describe('the type of a file', () => {
	const url = (path: string) => new URL(path, 'https://cdn.runcomfy.net');

	it.each([
		['video/mp4', '/a', 'video/mp4', 'mp4'],
		['Video/WebM; codecs=vp9', '/a.mp4', 'video/webm', 'webm'],
		['image/jpeg', '/a', 'image/jpeg', 'jpg'],
		['image/svg+xml', '/a', 'image/svg+xml', 'xml'],
		['application/octet-stream', '/a/b.mov?x=1', 'video/quicktime', 'mov'],
		['binary/octet-stream', '/a', 'video/mp4', 'mp4'],
		[undefined, '/a.WEBP', 'image/webp', 'webp'],
		[undefined, '/a', 'video/mp4', 'mp4'],
	])('%s at %s is %s', (contentType, path, mimeType, ending) => {
		expect(mediaTypeOf(contentType, url(path), 'video')).toEqual({ mimeType, ending });
	});

	it.each(['text/html', 'application/json', 'application/xml', 'text/plain'])(
		'%s is no media',
		(contentType) => {
			expect(mediaTypeOf(contentType, url('/a.mp4'), 'video')).toBeUndefined();
		},
	);
});

describe('the files of an output', () => {
	it('are listed in order, each once', () => {
		const output = { images: ['i2'], video: 'v1', videos: ['v1', 'v2', 7, ''], image: 'i1' };
		expect(
			listMedia(output).map(({ kind, url, index, count }) => [kind, url, index, count]),
		).toEqual([
			['video', 'v1', 0, 4],
			['video', 'v2', 1, 4],
			['image', 'i1', 2, 4],
			['image', 'i2', 3, 4],
		]);
	});

	it.each([undefined, null, {}, 'v1', { video: null }, { videos: 'no list' }])(
		'%j is read without a fault',
		(output) => {
			expect(Array.isArray(listMedia(output))).toBe(true);
		},
	);
});

describe('redacting', () => {
	const prompt = 'A very private idea about a paper boat in the rain';

	it('takes out a secret, and a prompt that is quoted whole or in part', () => {
		expect(redact('token abcd refused', ['abcd'])).toBe('token … refused');
		expect(redact(`bad: ${prompt}!`, [prompt])).toBe('bad: …!');
		expect(redact('bad: "private idea about a paper" is', [prompt])).toBe('bad: "…" is');
	});

	it('leaves other words alone', () => {
		expect(redact('the paper is out', [prompt, '', 'e', ' is '])).toBe('the paper is out');
	});
});
