import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { movieInfo, Mp4Boxes } from '../../nodes/shared/media/mp4';

/** As ffprobe tells it, with the shape of the 3gp's pixels; a fragmented file does not have its length where a movie has. */
const EXPECTED: Record<string, object> = {
	'clips/16x9.mp4': { width: 640, height: 360, duration: 3 },
	'clips/9x16.mp4': { width: 360, height: 640, duration: 3 },
	'clips/1x1.mp4': { width: 480, height: 480, duration: 3 },
	'formats/clip.mov': { width: 48, height: 48, duration: 0.4 },
	'formats/clip.3gp': { width: 96, height: 96, duration: 0.4 },
	'formats/fragmented.mp4': { width: 48, height: 48 },
	'formats/tone.m4a': { duration: 0.2 },
};

const sample = (name: string) => readFileSync(join(__dirname, '../fixtures', name));

function infoOf(bytes: Uint8Array, chunkSize: number) {
	const boxes = new Mp4Boxes('movie');
	for (let at = 0; at < bytes.length; at += chunkSize) {
		boxes.feed(bytes.subarray(at, at + chunkSize));
	}
	return boxes.info();
}

function box(type: string, ...parts: Uint8Array[]): Buffer {
	const body = Buffer.concat(parts);
	const head = Buffer.alloc(8);
	head.writeUInt32BE(8 + body.length);
	head.write(type, 4);
	return Buffer.concat([head, body]);
}

/** A `tkhd` of either version, turned by a quarter or not. */
function track(version: 0 | 1, width: number, height: number, turned = false): Buffer {
	const matrixAt = version === 1 ? 52 : 40;
	const body = Buffer.alloc(matrixAt + 44);
	body[0] = version;
	body.writeInt32BE(0x10000, turned ? matrixAt + 4 : matrixAt);
	body.writeUInt16BE(width, matrixAt + 36);
	body.writeUInt16BE(height, matrixAt + 40);
	return box('trak', box('tkhd', body));
}

describe('what a movie says of itself', () => {
	it.each([1, 7, 4096])('is read from chunks of %i bytes', (chunkSize) => {
		expect(infoOf(sample('clips/16x9.mp4'), chunkSize)).toEqual(EXPECTED['clips/16x9.mp4']);
	});

	it.each(Object.keys(EXPECTED))('is right for %s', (name) => {
		expect(infoOf(sample(name), 4096)).toEqual(EXPECTED[name]);
	});

	it('is read from headers of the long form too', () => {
		const mvhd = Buffer.alloc(32);
		mvhd[0] = 1;
		mvhd.writeUInt32BE(90_000, 20);
		mvhd.writeBigUInt64BE(135_000n, 24);
		const moov = Buffer.concat([box('mvhd', mvhd), track(1, 0, 0), track(1, 1920, 1080)]);
		expect(movieInfo(moov)).toEqual({ duration: 1.5, width: 1920, height: 1080 });
	});

	it('is the shape that is shown, when the picture lies on its side', () => {
		expect(movieInfo(track(0, 1920, 1080, true))).toEqual({ width: 1080, height: 1920 });
	});

	it.each([
		['nothing', Buffer.alloc(0)],
		['a box that is cut off', track(0, 16, 9).subarray(0, -1)],
		['headers that are too short', Buffer.concat([box('mvhd'), box('trak', box('tkhd'))])],
		['a length that is not known', box('mvhd', Buffer.alloc(20, 0xff).fill(0, 0, 1))],
		['sizes of nothing', Buffer.alloc(64)],
	])('is left out for %s', (_, moov) => {
		expect(movieInfo(moov)).toEqual({});
	});
});
