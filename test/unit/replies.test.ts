import { RunComfyError } from '../../nodes/shared/api/errors';
import { readReply, readState } from '../../nodes/shared/api/replies';
import { parseRetryAfter } from '../../nodes/shared/api/retryAfter';

const NOW = Date.parse('2026-11-22T10:00:00Z');

function fault(status: number, body: unknown, headers: Record<string, string> = {}): RunComfyError {
	try {
		readReply(
			{ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
			NOW,
		);
	} catch (error) {
		if (error instanceof RunComfyError) return error;
	}
	throw new Error('the answer was taken for good');
}

describe('an answer is an error', () => {
	it.each([
		[401, { error_code: 400004, error_message: 'UserAccountError' }, 'unauthorized'],
		[403, { error_code: 403001, error_message: 'PermissionDeniedError' }, 'forbidden'],
		[403, 'Forbidden', 'unauthorized'],
		[402, '', 'insufficientBalance'],
		[400, { error_code: 400002 }, 'insufficientBalance'],
		[404, { error_code: 404001 }, 'notFound'],
		[404, '<html>', 'notFound'],
		[400, { error_code: 400001 }, 'notFound'],
		[422, { detail: [{ loc: ['body', 'x'], msg: 'bad' }] }, 'rejected'],
		[409, {}, 'rejected'],
		[408, '', 'unavailable'],
		[429, '', 'throttled'],
		[500, {}, 'unavailable'],
		[502, '<html>', 'unavailable'],
		[302, '', 'unavailable'],
		[200, '<html>', 'unavailable'],
		[200, '', 'unavailable'],
		[200, '[]', 'unavailable'],
		[200, 'null', 'unavailable'],
		[200, '{"request_id": "a', 'unavailable'],
		[200, { error_code: 400004, error_message: 'UserAccountError' }, 'unauthorized'],
		[200, { error_code: '400002' }, 'insufficientBalance'],
		[200, { error_code: 999999, error_message: 'new' }, 'unavailable'],
		[200, { error: 'boom' }, 'unavailable'],
		[200, { message: 'boom' }, 'unavailable'],
	])('%i %j is %s', (status, body, kind) => {
		expect(fault(status, body).kind).toBe(kind);
	});

	it.each([
		[{ error_message: 'a  b\nc' }, 'a b c'],
		[{ error: { message: 'inner' } }, 'inner'],
		[
			{ detail: [{ loc: ['body', 'duration'], msg: 'too long' }, { msg: 'x' }] },
			'body.duration: too long; x',
		],
		[{ message: 'y'.repeat(500) }, 'y'.repeat(300)],
		[{ error_message: '', message: 'second' }, 'second'],
	])('%j in one short line', (body, detail) => {
		expect(fault(400, body).facts.detail).toBe(detail);
	});

	it('with the wait that the server asks for', () => {
		expect(fault(429, '', { 'retry-after': '7' }).facts.retryAfterMs).toBe(7_000);
	});
});

describe('an answer is good', () => {
	it('when a failed run tells its error beside its status', () => {
		const body = { request_id: 'a', status: 'failed', error: 'no', error_code: 500123 };
		expect(
			readState(readReply({ status: 200, headers: {}, body: JSON.stringify(body) }, NOW)),
		).toEqual({
			state: 'failed',
			status: 'failed',
			body,
		});
	});

	it.each([
		['in_queue', 'queued'],
		['pending', 'queued'],
		['in_progress', 'running'],
		['Processing', 'running'],
		['completed', 'completed'],
		['succeeded', 'completed'],
		['cancelled', 'cancelled'],
		['canceled', 'cancelled'],
		['failed', 'failed'],
		['reticulating', 'unknown'],
		['constructor', 'unknown'],
		['', 'unknown'],
		[undefined, 'unknown'],
	])('status %s means %s', (status, state) => {
		expect(readState({ status }).state).toBe(state);
	});
});

describe('Retry-After', () => {
	it.each([
		['0', 0],
		['120', 120_000],
		['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
		['Sun, 22 Nov 2026 09:00:00 GMT', 0],
		['soon', undefined],
		['-3', undefined],
		['', undefined],
		[undefined, undefined],
	])('%s is %s ms', (header, wait) => {
		expect(parseRetryAfter(header, NOW)).toBe(wait);
	});
});
