import { ResumableUpload } from '../e2e/platforms/ResumableUpload';
import { S3 } from '../e2e/platforms/S3';
import { Slack } from '../e2e/platforms/Slack';
import { Telegram } from '../e2e/platforms/Telegram';
import { YouTube } from '../e2e/platforms/YouTube';

const UNIT = 256 * 1024;
const chunk = Buffer.alloc(UNIT, 'x');

describe('a resumable upload to the Google of the tests', () => {
	const begun = () => {
		const upload = new ResumableUpload('about', 2 * UNIT);
		expect(upload.put(`bytes 0-${UNIT - 1}/${2 * UNIT}`, `${UNIT}`, chunk)).toEqual({
			taken: UNIT,
		});
		return upload;
	};

	it('is whole once its last byte is there', () => {
		const last = begun().put(`bytes ${UNIT}-${2 * UNIT - 1}/${2 * UNIT}`, `${UNIT}`, chunk);
		expect('whole' in last && last.whole.equals(Buffer.concat([chunk, chunk]))).toBe(true);
	});

	it.each([
		['without a range', undefined, UNIT, chunk],
		['that begins again', `bytes 0-${UNIT - 1}/${2 * UNIT}`, UNIT, chunk],
		['that leaves a gap', `bytes ${UNIT + 1}-${2 * UNIT - 1}/${2 * UNIT}`, UNIT, chunk],
		['of another total', `bytes ${UNIT}-${2 * UNIT - 1}/${3 * UNIT}`, UNIT, chunk],
		['of another length', `bytes ${UNIT}-${2 * UNIT - 1}/${2 * UNIT}`, UNIT - 1, chunk],
		['shorter than its range', `bytes ${UNIT}-${2 * UNIT - 1}/${2 * UNIT}`, 9, Buffer.alloc(9)],
		['that is no multiple of 256 KiB', `bytes ${UNIT}-${UNIT + 8}/${2 * UNIT}`, 9, Buffer.alloc(9)],
	])('refuses a chunk %s', (_, range, length, bytes) => {
		expect(begun().put(range, `${length}`, bytes)).toEqual({ fault: expect.any(String) });
	});
});

describe('a platform of the tests refuses', () => {
	const body = Buffer.from('{}');
	const call = (method: string, url: string, headers: Record<string, string> = {}) => ({
		method,
		url: new URL(url),
		headers,
		body,
	});

	it.each([
		[
			'a video without a title',
			new YouTube(),
			call('POST', 'https://www.googleapis.com/upload/youtube/v3/videos?uploadType=resumable', {
				authorization: 'Bearer ya29.youtube',
				'content-type': 'application/json',
			}),
			400,
		],
		[
			'a token that is not its own',
			new YouTube(),
			call('POST', 'https://www.googleapis.com/upload/youtube/v3/videos?uploadType=resumable'),
			401,
		],
		[
			'a signature that does not match',
			new S3(),
			call('PUT', 'https://videos.s3.eu-central-1.amazonaws.com/a.mp4', {
				host: 'videos.s3.eu-central-1.amazonaws.com',
				'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
				authorization:
					'AWS4-HMAC-SHA256 Credential=AKIA/20261127/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=00',
			}),
			403,
		],
		[
			'a video that is no form',
			new Telegram(),
			call('POST', `https://api.telegram.org/bot${new Telegram().token}/sendVideo`),
			415,
		],
		[
			'an upload without a length',
			new Slack(),
			call('GET', 'https://slack.com/api/files.getUploadURLExternal?filename=a.mp4', {
				authorization: `Bearer ${new Slack().token}`,
			}),
			200,
		],
	])('%s', async (_, platform, request, status) => {
		expect((await platform.answer(request)).status).toBe(status);
		expect(platform.refusals).toHaveLength(1);
		expect(platform.uploads).toEqual([]);
	});
});
