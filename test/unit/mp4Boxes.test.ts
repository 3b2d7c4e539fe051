import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mp4Boxes } from '../../nodes/shared/media/mp4';

const sample = (name: string) => readFileSync(join(__dirname, '../fixtures/formats', name));
const clip = sample('clip.mp4');

function faultOf(bytes: Uint8Array, chunkSize: number, holds: 'movie' | 'picture' = 'movie') {
	const boxes = new Mp4Boxes(holds);
	for (let at = 0; at < bytes.length; at += chunkSize) {
		boxes.feed(bytes.subarray(at, at + chunkSize));
	}
	return boxes.fault();
}

function box(type: string, body: Uint8Array = Buffer.alloc(0), size = 8 + body.length): Buffer {
	const head = Buffer.alloc(8, type);
	head.writeUInt32BE(size);
	head.write(type, 4);
	return Buffer.concat([head, body]);
}

describe.each([1, 7, 4096])('an mp4 in chunks of %i bytes', (chunkSize) => {
	const ftyp = box('ftyp', Buffer.from('isom'));
	const moov = box('moov', Buffer.alloc(9));
	const mdat = box('mdat', Buffer.alloc(20));
	const fault = (...parts: Uint8Array[]) => faultOf(Buffer.concat(parts), chunkSize);

	it.each(['clip.mp4', 'fragmented.mp4', 'clip.mov', 'clip.m4v', 'clip.3gp', 'tone.m4a'])(
		'is whole: %s',
		(name) => {
			expect(faultOf(sample(name), chunkSize)).toBeUndefined();
		},
	);

	it('is whole with its movie before or behind the media', () => {
		expect(fault(ftyp, moov, mdat)).toBeUndefined();
		expect(fault(ftyp, mdat, box('free'), moov)).toBeUndefined();
	});

	it('lacks what was cut off', () => {
		expect(fault(clip.subarray(0, -100))).toBe('the file is cut short: it lacks 100 of its bytes');
		expect(fault(ftyp, mdat, moov.subarray(0, -1))).toMatch(/ lacks 1 of /);
		expect(fault(ftyp, moov, mdat, box('moof', Buffer.alloc(8), 17))).toMatch(/ lacks 1 of /);
		expect(fault(clip.subarray(0, 20))).toMatch(/cut short/);
		expect(fault(clip.subarray(0, 34))).toMatch(/no movie/);
	});

	it.each([
		['a signature alone', [ftyp]],
		['media alone', [ftyp, mdat]],
		['a movie without media', [ftyp, moov]],
		['empty boxes', [ftyp, box('moov'), box('mdat')]],
		['an empty movie', [ftyp, box('moov'), mdat]],
		['a page behind a signature', [ftyp, Buffer.from('<html>not found</html>')]],
	])('holds no movie when it is %s', (_, parts) => {
		expect(fault(...parts)).toBe('there is no movie in the file');
	});

	it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 500])('may have %i bytes behind its last box', (count) => {
		expect(fault(clip, Buffer.alloc(count))).toBeUndefined();
		expect(fault(clip, Buffer.alloc(count, 'some text '))).toBeUndefined();
		expect(fault(clip, Buffer.alloc(count, 1))).toBeUndefined();
		expect(fault(clip, Buffer.alloc(count, 255))).toBeUndefined();
	});

	it('may have a box with a long size, or one that goes to the end', () => {
		const long = Buffer.concat([
			Buffer.from([0, 0, 0, 1]),
			Buffer.from('mdat'),
			Buffer.from([0, 0, 0, 0, 0, 0, 0, 40]),
			Buffer.alloc(24),
		]);
		expect(fault(ftyp, moov, long)).toBeUndefined();
		expect(fault(ftyp, moov, long.subarray(0, -5))).toMatch(/ lacks 5 of /);
		expect(fault(ftyp, moov, box('mdat', Buffer.alloc(9), 0))).toBeUndefined();
		expect(fault(ftyp, moov, box('mdat', Buffer.alloc(0), 0))).toMatch(/ lacks 1 of /);
	});

	it('of a picture needs the picture, and no movie', () => {
		const avif = sample('still.avif');
		expect(faultOf(avif, chunkSize, 'picture')).toBeUndefined();
		expect(faultOf(avif, chunkSize, 'movie')).toBe('there is no movie in the file');
		expect(faultOf(avif.subarray(0, -1), chunkSize, 'picture')).toMatch(/ lacks 1 of /);
		expect(faultOf(ftyp, chunkSize, 'picture')).toBe('there is no picture in the file');
		expect(faultOf(Buffer.concat([ftyp, moov, mdat]), chunkSize, 'picture')).toBeUndefined();
	});
});
