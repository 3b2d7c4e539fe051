import { createMp4Length } from '../../nodes/shared/media/mp4Length';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';

const clip = RunComfyEmulator.file('16:9');

function missing(bytes: Buffer, chunkSize: number): number {
	const length = createMp4Length();
	for (let at = 0; at < bytes.length; at += chunkSize) {
		length.feed(bytes.subarray(at, at + chunkSize));
	}
	return length.missingBytes();
}

describe.each([1, 7, 4096, 1 << 20])('an mp4 in chunks of %i bytes', (chunkSize) => {
	it('is whole when its last box is', () => {
		expect(missing(clip, chunkSize)).toBe(0);
	});

	it('lacks what was cut off', () => {
		expect(missing(clip.subarray(0, -100), chunkSize)).toBe(100);
		expect(missing(clip.subarray(0, 20), chunkSize)).toBeGreaterThan(0);
		expect(missing(clip.subarray(0, 34), chunkSize)).toBeGreaterThan(0);
	});

	it('may have a box with a long size, or one that goes to the end', () => {
		const box = (size: number[], type: string, body: number) =>
			Buffer.concat([Buffer.from(size), Buffer.from(type), Buffer.alloc(body)]);
		const head = box([0, 0, 0, 12], 'ftyp', 4);
		const long = Buffer.concat([
			Buffer.from([0, 0, 0, 1]),
			Buffer.from('mdat'),
			Buffer.from([0, 0, 0, 0, 0, 0, 0, 40]),
			Buffer.alloc(24),
		]);
		expect(missing(Buffer.concat([head, long]), chunkSize)).toBe(0);
		expect(missing(Buffer.concat([head, long]).subarray(0, -5), chunkSize)).toBe(5);
		expect(missing(Buffer.concat([head, box([0, 0, 0, 0], 'mdat', 9)]), chunkSize)).toBe(0);
	});
});

it('what is no mp4 is not judged', () => {
	expect(missing(RunComfyEmulator.file('', true), 512)).toBe(0);
	expect(missing(Buffer.from('hello'), 2)).toBe(0);
	expect(missing(Buffer.alloc(0), 1)).toBe(0);
});
