import { RunComfyError } from '../../nodes/shared/api/errors';
import { parseRetryAfter, readReply, readState, requestIdOf } from '../../nodes/shared/api/replies';

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
		[403, { message: 'Forbidden' }, 'unauthorized'],
		[402, '', 'insufficientBalance'],
		[400, { error_code: 400002 }, 'insufficientBalance'],
		[404, { error_code: 404001 }, 'notFound'],
		[404, { detail: 'Not Found' }, 'notFound'],
		[400, { error_code: 400001 }, 'notFound'],
		[422, { detail: [{ loc: ['body', 'x'], msg: 'bad' }] }, 'rejected'],
		[409, { message: 'conflict' }, 'rejected'],
		[451, { error_code: 451000 }, 'rejected'],
		[408, '', 'unavailable'],
		[429, '', 'throttled'],
		[500, {}, 'unavailable'],
		[502, '<html>', 'unavailable'],
		[200, '<html>', 'unavailable'],
		[200, '', 'unavailable'],
		[200, 'null', 'unavailable'],
		[200, '{"request_id": "a', 'unavailable'],
		[200, { error_code: 400004, error_message: 'UserAccountError' }, 'unauthorized'],
		[200, { error_code: '400002' }, 'insufficientBalance'],
		[200, { error_code: 999999, error_message: 'new' }, 'unavailable'],
		[200, { code: 400004, message: 'UserAccountError' }, 'unauthorized'],
		[200, { error: { code: '400002' } }, 'insufficientBalance'],
		[400, { code: 404001 }, 'notFound'],
		[404, { code: 404, message: 'Not Found' }, 'notFound'],
		[200, { status: 'error', request_id: 'trace', error_code: 400004 }, 'unauthorized'],
		[200, { error: 'boom' }, 'unavailable'],
		[200, { message: 'boom' }, 'unavailable'],
		[200, { error_message: '', error: 'boom' }, 'unavailable'],
		[200, { error: null, detail: [], message: 'boom' }, 'unavailable'],
	])('%i %j is %s', (status, body, kind) => {
		expect(fault(status, body).kind).toBe(kind);
	});

	it.each([
		[403, '<html>403 Forbidden</html>'],
		[404, '<html>404 Not Found</html>'],
		[405, ''],
		[407, 'Proxy Authentication Required'],
		[409, {}],
		[413, '<html>413 Request Entity Too Large</html>'],
		[423, '"locked"'],
		[451, '<html>'],
		[301, ''],
		[302, '<html>'],
		[307, { message: 'moved' }],
		[308, ''],
	])('%i %j is nobody’s fault but that of a server in between', (status, body) => {
		expect(fault(status, body).kind).toBe('intercepted');
	});

	it.each([
		[303, ''],
		[302, { data: { request_id: 'a' } }],
		[302, { request_id: 'a' }],
		[408, '<html>'],
		[408, { message: 'timeout' }],
		[425, ''],
		[499, '<html>499 Client Closed Request</html>'],
		[503, '<html>'],
	])('%i %j leaves open what became of the call', (status, body) => {
		expect(fault(status, body).kind).toBe('unavailable');
	});

	it.each([
		[500, '{"error": "boom", "request_id": "abc"}', 'abc'],
		[502, '{"request_id": " abc "}', 'abc'],
		[422, '{"detail": "late", "request_id": 42}', '42'],
		[200, '{"error_code": 500001, "request_id": 12345678901234567890}', '12345678901234567890'],
		[409, '{"error": {"request_id": "abc"}}', 'abc'],
		[400, '{"detail": [{"ctx": {"request_id": 12345678901234567890}}]}', '12345678901234567890'],
		[500, '{"request_id": "two words"}', undefined],
		[500, '{"request_id": ""}', undefined],
		[500, '{"request_id": null}', undefined],
		[500, '{"request_id": {"id": "abc"}}', undefined],
		[500, '<html>request_id: abc</html>', undefined],
	])('%i %s keeps the request id %s', (status, body, requestId) => {
		expect(fault(status, body).facts.requestId).toBe(requestId);
	});

	it.each([
		[{ error_message: 'a  b\nc' }, 'a b c'],
		[{ error: { message: 'inner' } }, 'inner'],
		[
			{ detail: [{ loc: ['body', 'duration'], msg: 'too long' }, { msg: 'x' }] },
			'body.duration: too long; x',
		],
		[{ message: '!'.repeat(500) }, '!'.repeat(300)],
		[{ error_message: '', message: 'second' }, 'second'],
		[{ error_message: ' ', message: 'second' }, 'second'],
		[{ error: 'Bad Request', message: 'too long' }, 'too long'],
		[{ status: 'odd', error: 'content policy', message: 'done' }, 'content policy'],
		[{ error: { code: 'CONTENT', reason: 'content policy' } }, 'content policy'],
		[{ error: { detail: [{ msg: 'deep' }] } }, 'deep'],
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
		[400, { error_code: 400005, error_message: 'not finished' }],
		[200, { error_code: '400005' }],
	])('when %i %j says that a request goes on', (status, body) => {
		const reply = readReply({ status, headers: {}, body: JSON.stringify(body) }, NOW);
		expect(readState(reply)).toMatchObject({ state: 'unfinished', status: '' });
	});

	it.each([
		['boom', 'failed'],
		[{ message: 'boom' }, 'failed'],
		[['boom'], 'failed'],
		['', 'completed'],
		[null, 'completed'],
		[false, 'completed'],
		[{}, 'completed'],
		[[], 'completed'],
		[undefined, 'completed'],
	])('completed with the error %j is %s', (error, state) => {
		expect(readState({ status: 'completed', error }).state).toBe(state);
		expect(readState({ status: 'succeeded', error }).state).toBe(state);
		expect(readState({ status: 'in_progress', error }).state).toBe('running');
		const ofUnknown = state === 'failed' ? 'failed' : 'unknown';
		expect(readState({ status: 'reticulating', error }).state).toBe(ofUnknown);
	});

	it.each([
		[500123, 'failed'],
		['500123', 'failed'],
		[0, 'completed'],
		[null, 'completed'],
	])('completed with the error code %j is %s', (code, state) => {
		const body = { status: 'completed', error_code: code, error_message: 'as it may be' };
		expect(readState(body).state).toBe(state);
	});

	it.each<[string, object, string]>([
		['without a status', {}, 'completed'],
		['with an empty status', { status: '' }, 'completed'],
		['without a status, but with an error', { error: 'policy' }, 'failed'],
		['with a new status, when it is finished', { status: 'new', finished_at: 'x' }, 'completed'],
		['with a new status', { status: 'new' }, 'unknown'],
		['with an unknown status and an error', { status: 'aborted', error: 'policy' }, 'failed'],
		['of one that goes on', { status: 'in_progress', finished_at: 'x' }, 'running'],
		['of one that is said not to be finished', { error_code: 400005 }, 'unfinished'],
	])('an output %s is %s', (_, more, state) => {
		const output = { video: 'https://cdn.runcomfy.net/a.mp4' };
		expect(readState({ request_id: 'a', output, ...more }).state).toBe(state);
	});

	it.each([undefined, null, {}, [], '', { videos: [] }])(
		'no status and the output %j is an end only with the time of it',
		(output) => {
			expect(readState({ request_id: 'a', output }).state).toBe('unknown');
			expect(readState({ request_id: 'a', output, finished_at: 'x' }).state).toBe('completed');
		},
	);

	it.each(['aborted', 'error', 'expired', 'fail', 'rejected', 'nsfw', 'a new word'])(
		'the status %s has failed once it says when it ended, or why',
		(status) => {
			const states = [{}, { finished_at: 'x' }, { error: 'y' }, { error_code: 500123 }].map(
				(more) => readState({ request_id: 'a', status, ...more }).state,
			);
			expect(states).toEqual(['unknown', 'failed', 'failed', 'failed']);
		},
	);

	it('an error that names another request says nothing of the one that was asked about', () => {
		const body = { status: 'error', error: 'internal', request_id: 'trace' };
		expect(readState(body, 'a').state).toBe('unknown');
		expect(readState({ ...body, request_id: 'a' }, 'a').state).toBe('failed');
	});

	it.each([
		['{"request_id": "abc"}', 'abc'],
		['\uFEFF{"request_id": "abc"}', 'abc'],
		['{"request_id": 7}', '7'],
		['{"request_id": 0}', '0'],
		['{"request_id" : 12345678901234567890 , "status": "in_queue"}', '12345678901234567890'],
		['{"request_id": true}', undefined],
		['{"note": "\\"request_id\\": 12345678901234567890", "request_id": "abc"}', 'abc'],
	])('%s has the request id %s', (body, requestId) => {
		expect(requestIdOf(readReply({ status: 202, headers: {}, body }, NOW))).toBe(requestId);
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
		['Sun, 22 Nov 2026 10:20:00 GMT', 5_000],
		['Sun, 22 Nov 2026 09:40:00 GMT', 2_405_000],
		['yesterday', 1_205_000],
		[undefined, 1_205_000],
	])('as a date is measured against the server’s own clock, %s', (date, wait) => {
		const headers = { 'retry-after': 'Sun, 22 Nov 2026 10:20:05 GMT', ...(date && { date }) };
		expect(fault(503, {}, headers).facts.retryAfterMs).toBe(wait);
	});

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
