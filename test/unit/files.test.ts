import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { safeFileName } from '../../nodes/shared/media/fileName';
import { ALL_FORMATS } from '../../nodes/shared/media/formats';
import { listMedia } from '../../nodes/shared/media/media';
import { fileTypeOf } from '../../nodes/shared/media/fileType';
import { redact } from '../../nodes/shared/errors/redact';

const folder = join(__dirname, '../fixtures/formats');
const sample = (name: string) => readFileSync(join(folder, name)).subarray(0, 512);

describe('a file name', () => {
	it.each([
		['', 'id-1', 'id-1.mp4'],
		['summer', 'id', 'summer.mp4'],
		['summer.mp4', 'id', 'summer.mp4'],
		['summer.PNG', 'id', 'summer.mp4'],
		['summer.m4a', 'id', 'summer.mp4'],
		['v1.5 final', 'id', 'v1.5 final.mp4'],
		['../../etc/passwd', 'id', 'etc_passwd.mp4'],
		['..\\..\\boot.ini', 'id', 'boot.ini.mp4'],
		['C:\\temp\\x', 'id', 'C_temp_x.mp4'],
		['...', 'id', 'id.mp4'],
		['.hidden', 'id', 'hidden.mp4'],
		['a\u0000b\u202Egpj', 'id', 'abgpj.mp4'],
		['con', 'id', '_con.mp4'],
		['nul.tar', 'id', '_nul.tar.mp4'],
		['console', 'id', 'console.mp4'],
		['con .txt', 'id', '_con .txt.mp4'],
		['con .mp4', 'id', '_con.mp4'],
		['aux . ', 'id', '_aux.mp4'],
		['COM¹', 'id', '_COM¹.mp4'],
		['conout$', 'id', '_conout$.mp4'],
		['one line\r\n\tand another', 'id', 'one line and another.mp4'],
		['  spaced   out  ', 'id', 'spaced out.mp4'],
		['영상 🎬', 'id', '영상 🎬.mp4'],
		['x'.repeat(500), 'id', `${'x'.repeat(196)}.mp4`],
		['///', '..', 'video.mp4'],
	])('%j becomes safe', (wanted, fallback, name) => {
		expect(safeFileName(wanted, fallback, 'mp4')).toBe(name);
	});

	it.each(ALL_FORMATS.flatMap(({ endings }) => endings))(
		'that ends with another format, .%s, gets the right ending in its place',
		(ending) => {
			expect(safeFileName(`clip.${ending.toUpperCase()}`, 'id', 'xyz')).toBe('clip.xyz');
		},
	);

	it('tells several files of a request apart', () => {
		expect([0, 1].map((place) => safeFileName('clip.mp4', 'id', 'mp4', place))).toEqual([
			'clip-1.mp4',
			'clip-2.mp4',
		]);
	});

	it.each([
		['Chinese', '纸船'.repeat(100), '纸船'.repeat(32)],
		['emoji', '🇳🇱'.repeat(100), '🇳🇱'.repeat(24)],
		['letters with marks', 'ḗ\u0324'.repeat(100), undefined],
		['a dot and spaces at the cut', `${'x'.repeat(190)}. . . . . . . y`, 'x'.repeat(190)],
	])(
		'is at most 200 bytes long, of whole characters, with place and ending: %s',
		(_, long, stem) => {
			const name = safeFileName(long, 'id', 'webm', 11);
			expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
			expect(Buffer.byteLength(name)).toBeGreaterThan(190);
			expect(name.endsWith('-12.webm')).toBe(true);
			if (stem) expect(name).toBe(`${stem}-12.webm`);
			expect(long.normalize('NFC').startsWith(name.slice(0, -'-12.webm'.length))).toBe(true);
			expect(name).not.toMatch(/ḗ-12/);
		},
	);
});

describe('the type of a file', () => {
	const kind = 'video';
	const url = (path: string) => new URL(path, 'https://cdn.runcomfy.net');
	const typeOf = (head: Uint8Array, contentType?: string, path = '/a') => {
		const { mimeType, ending } = fileTypeOf(head, { contentType, url: url(path), kind });
		return [mimeType, ending];
	};

	const types: Record<string, [string, string]> = {
		'bare.mp3': ['audio/mpeg', 'mp3'],
		'clip.3gp': ['video/3gpp', '3gp'],
		'clip.avi': ['video/x-msvideo', 'avi'],
		'clip.flv': ['video/x-flv', 'flv'],
		'clip.m4v': ['video/x-m4v', 'm4v'],
		'clip.mkv': ['video/x-matroska', 'mkv'],
		'clip.mov': ['video/quicktime', 'mov'],
		'clip.mp4': ['video/mp4', 'mp4'],
		'clip.mpegts': ['video/mp2t', 'ts'],
		'clip.mpg': ['video/mpeg', 'mpg'],
		'clip.ogv': ['video/ogg', 'ogv'],
		'clip.webm': ['video/webm', 'webm'],
		'fragmented.mp4': ['video/mp4', 'mp4'],
		'still.avif': ['image/avif', 'avif'],
		'still.bmp': ['image/bmp', 'bmp'],
		'still.gif': ['image/gif', 'gif'],
		'still.jpg': ['image/jpeg', 'jpg'],
		'still.png': ['image/png', 'png'],
		'still.tif': ['image/tiff', 'tif'],
		'still.webp': ['image/webp', 'webp'],
		'tone.aac': ['audio/aac', 'aac'],
		'tone.aiff': ['audio/aiff', 'aiff'],
		'tone.flac': ['audio/flac', 'flac'],
		'tone.m4a': ['audio/mp4', 'm4a'],
		'tone.mp3': ['audio/mpeg', 'mp3'],
		'tone.wav': ['audio/wav', 'wav'],
	};

	it.each(Object.entries(types))('of %s is told by its bytes, whatever is said', (name, type) => {
		for (const said of [undefined, 'application/octet-stream', 'text/plain', 'image/x-other']) {
			expect(typeOf(sample(name), said, '/a.exe')).toEqual(type);
		}
		expect(typeOf(sample(name), 'video/mp4', '/a.mp4')).toEqual(type);
		expect(typeOf(sample(name), 'image/png', '/a.png')).toEqual(type);
	});

	it('is tried with every sample but those that could be two things', () => {
		const ambiguous = ['tone.ogg', 'tone.opus', 'tone.weba'];
		expect(readdirSync(folder).filter((name) => !(name in types))).toEqual(ambiguous);
	});

	it.each([
		['tone.weba', 'audio/webm', '/a', ['audio/webm', 'weba']],
		['tone.weba', undefined, '/a.weba', ['audio/webm', 'weba']],
		['tone.weba', undefined, '/a', ['video/webm', 'webm']],
		['tone.ogg', 'Audio/Ogg; codecs=opus', '/a.ogv', ['audio/ogg', 'ogg']],
		['tone.opus', undefined, '/a.opus?x=1', ['audio/ogg', 'ogg']],
		['clip.mp4', 'audio/x-m4a', '/a.mp4', ['audio/mp4', 'm4a']],
		['clip.mp4', 'application/mp4', '/a.m4a', ['video/mp4', 'mp4']],
	])(
		'that could be two things is told by what is said: %s as %s at %s',
		(name, said, path, type) => {
			expect(typeOf(sample(name), said, path)).toEqual(type);
		},
	);

	it('is that of the field that names it, when nothing else tells', () => {
		const head = sample('tone.weba');
		const hints = { contentType: undefined, url: url('/a') };
		expect(fileTypeOf(head, { ...hints, kind: 'audio' }).mimeType).toBe('audio/webm');
	});

	it('of QuickTime older than its own signature is known', () => {
		const head = Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from('wide\0\0\0\u0010mdat')]);
		expect(typeOf(head)).toEqual(['video/quicktime', 'mov']);
		expect(typeOf(head, 'video/mp4')).toEqual(['video/mp4', 'mp4']);
	});

	it.each(['free', 'skip', 'wide', 'uuid'])(
		'with a box of %s before its signature is told by that',
		(type) => {
			const first = Buffer.from(`\0\0\0\u0014${type}whatever is said`, 'latin1').subarray(0, 20);
			for (const [name, told] of Object.entries(types)) {
				const head = sample(name);
				if (!head.includes('ftyp')) continue;
				expect(typeOf(Buffer.concat([first, head]).subarray(0, 512))).toEqual(told);
			}
		},
	);

	it('of pictures with a general brand is told by the others', () => {
		const brands = (...names: string[]) =>
			Buffer.concat([
				Buffer.from([0, 0, 0, 8 + 4 * names.length]),
				Buffer.from(`ftyp${names.join('')}`),
				Buffer.alloc(64),
			]);
		expect(typeOf(brands('mif1', '\0\0\0\0', 'mif1', 'avif'))).toEqual(['image/avif', 'avif']);
		expect(typeOf(brands('mif1', '\0\0\0\0', 'mif1', 'heic'))).toEqual(['image/heic', 'heic']);
	});

	const unknown = Buffer.from('00ff13374242feed00beefcafe0102030405060708', 'hex');

	it.each([
		['video/x-new', '/a', ['video/x-new', 'new']],
		['audio/l16; rate=48000', '/a', ['audio/l16', 'l16']],
		['audio/pcm', '/speech.pcm', ['audio/pcm', 'pcm']],
		['model/gltf-binary', '/a/model.glb', ['model/gltf-binary', 'glb']],
		['application/zip', '/a', ['application/zip', 'zip']],
		['application/octet-stream', '/a.safetensors', ['application/octet-stream', 'safetensors']],
		[undefined, '/a', ['application/octet-stream', 'bin']],
		[`video/${'x'.repeat(300)}`, '/a', ['application/octet-stream', 'bin']],
		['video/../../etc', '/a', ['application/octet-stream', 'bin']],
	])('of unknown bytes is what the server says: %s at %s', (said, path, type) => {
		expect(typeOf(unknown, said, path)).toEqual(type);
	});

	it.each([
		[
			'SVG',
			'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
			'image/svg+xml',
			'/a.svg',
			['image/svg+xml', 'svg'],
		],
		['SVG under another name', '<svg/>', undefined, '/a', ['image/svg+xml', 'svg']],
		[
			'subtitles',
			'1\n00:00:00,000 --> 00:00:01,000\nHi',
			'text/plain',
			'/a.srt',
			['text/plain', 'srt'],
		],
		['JSON', '{"boxes":[]}', 'application/json', '/a.json', ['application/json', 'json']],
	])(
		'of text is what the server says, where no media were to come: %s',
		(_, body, said, path, type) => {
			expect(typeOf(Buffer.from(body), said, path)).toEqual(type);
		},
	);

	it.each([
		['nothing', ''],
		['HTML', '<!doctype html><title>Sign in</title>'],
		['XML', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
		['JSON', '{"error":"expired"}'],
		['words', 'Not found\r\n'],
		['words of another alphabet', 'Не найдено: 見つかりません'],
		['words that begin as a picture', 'GIF89a is a format of pictures'],
		['Latin-1', Buffer.from('<p>introuvable \u00e0 cette adresse</p>', 'latin1')],
		['UTF-16', Buffer.from('\ufeff<html>', 'utf16le')],
	])('is none for %s in the place of media, whatever is said', (_, body) => {
		for (const said of [undefined, 'video/mp4', 'image/png', 'video/x-new', 'audio/mpeg']) {
			expect(() => typeOf(Buffer.from(body), said, '/a.mp4')).toThrow(
				expect.objectContaining({ kind: 'downloadFailed' }),
			);
		}
	});

	it.each(['<html><body>Sign in</body></html>', '<Error><Code>AccessDenied</Code></Error>'])(
		'is none for an error message in the place of any file: %s',
		(body) => {
			const hints = { contentType: 'text/plain', url: url('/a.txt') };
			expect(() => fileTypeOf(Buffer.from(body), hints)).toThrow(
				expect.objectContaining({ kind: 'downloadFailed' }),
			);
		},
	);
});

describe('the files of an output', () => {
	it('are listed in order, each once', () => {
		const output = {
			audio: 'a1',
			images: ['i2'],
			video: 'v1',
			videos: ['v1', 'v2', 7, ''],
			image: 'i1',
			audios: ['a1', 'a1', 'a2'],
		};
		expect(
			listMedia({ output }).map(({ kind, url, index, count }) => [kind, url, index, count]),
		).toEqual([
			['video', 'v1', 0, 6],
			['video', 'v2', 1, 6],
			['image', 'i1', 2, 6],
			['image', 'i2', 3, 6],
			['audio', 'a1', 4, 6],
			['audio', 'a2', 5, 6],
		]);
	});

	it('may be objects with a URL, alone or in a list', () => {
		const output = {
			video: { url: 'v1', content_type: 'video/mp4' },
			images: [{ url: 'i1' }, 'i2', { url: 'i1' }, { url: 7 }, null],
			audios: { url: 'a1' },
		};
		expect(listMedia({ output }).map(({ url }) => url)).toEqual(['v1', 'i1', 'i2', 'a1']);
	});

	it.each([undefined, null, {}, 'v1', { video: null }, { videos: {} }, { input: { video: 'v' } }])(
		'%j names none',
		(output) => {
			expect(listMedia({ output })).toEqual([]);
		},
	);

	const A = 'https://cdn.runcomfy.net/a';
	const B = 'https://cdn.runcomfy.net/b';
	it.each<[string, Record<string, unknown>, string[]]>([
		['a bare URL', { output: A }, [A]],
		['a list of URLs', { output: [A, B] }, [A, B]],
		['a name of its own', { output: { video_url: A } }, [A]],
		['url', { output: { url: A } }, [A]],
		['files', { output: { files: [{ url: A }, { url: B }] } }, [A, B]],
		['a known name with a path', { output: { video: { path: A } } }, [A]],
		['one level down', { output: { result: { images: [A] } } }, [A]],
		['lists in lists', { output: [[A], [[B]]] }, [A, B]],
		['beside output', { output: null, gif: A }, [A]],
		['known names alone, where there are any', { output: { image: A, preview_url: B } }, [A]],
		['no echo of the input', { output: { input: { image_url: B }, url: A } }, [A]],
		['none of the API’s own', { status_url: A, result_url: A, cancel_url: A }, []],
		['no text that only contains one', { output: { note: `see ${A}` } }, []],
	])('are found as %s', (_, body, urls) => {
		expect(listMedia(body).map(({ url }) => url)).toEqual(urls);
	});
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
