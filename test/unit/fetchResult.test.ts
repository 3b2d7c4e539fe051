import { RunComfyError } from '../../nodes/shared/api/errors';
import { fetchResult } from '../../nodes/shared/api/fetchResult';
import { readState, type ReplyBody, type RequestReply } from '../../nodes/shared/api/replies';

const UNFINISHED = { error_code: 400005 };
const REFUSED = new RunComfyError('rejected', {
	requestId: 'a',
	httpStatus: 400,
	detail: 'policy',
});
const RUNNING = { status: 'in_progress' };
const COMPLETED = { status: 'completed', output: { video: 'https://x' } };

/** Fetches a result from a client that gives these answers in turn. */
async function fetched(
	results: Array<ReplyBody | RunComfyError>,
	statuses: Array<ReplyBody | RunComfyError> = [],
): Promise<RequestReply> {
	const next = (answers: Array<ReplyBody | RunComfyError>) => async () => {
		const answer = answers.shift();
		if (!answer) throw new Error('One call too many');
		if (!(answer instanceof RunComfyError)) return readState(answer);
		if (answer.kind !== 'rejected') throw answer;
		return { ...readState({}), state: 'refused' as const, refusal: answer.facts };
	};
	const client = { result: next(results), status: next(statuses) };
	const reply = await fetchResult(client, { requestId: 'a' }, false, { deadline: 0 });
	expect([...results, ...statuses]).toEqual([]);
	return reply;
}

describe('the result of a request', () => {
	it.each([COMPLETED, RUNNING, { status: 'failed' }, { status: 'reticulating' }])(
		'is what `result` says, when it says how the request is: %j',
		async (body) => expect(await fetched([body])).toEqual(readState(body)),
	);

	it.each([UNFINISHED, REFUSED])('is the status while the request goes on', async (early) => {
		for (const status of [RUNNING, { status: 'in_queue' }, { status: 'reticulating' }]) {
			expect(await fetched([early], [status])).toEqual(readState(status));
		}
	});

	it.each([UNFINISHED, REFUSED])('is looked at again when it has just ended', async (early) => {
		expect(await fetched([early, COMPLETED], [COMPLETED])).toEqual(readState(COMPLETED));
	});

	it.each(['completed', 'succeeded', 'failed'])(
		'that is refused although the request is %s is a failed run, with the message of the refusal',
		async (status) => {
			await expect(fetched([REFUSED, REFUSED], [{ status }])).rejects.toMatchObject({
				kind: 'failed',
				facts: { requestId: 'a', detail: 'policy', status },
			});
		},
	);

	it('is never taken for an end while RunComfy says that it is not finished', async () => {
		const reply = await fetched([UNFINISHED, UNFINISHED], [COMPLETED]);
		expect(reply).toEqual({ ...readState(COMPLETED), state: 'unfinished' });
	});

	it('of a cancelled request is that it is cancelled', async () => {
		const reply = await fetched([REFUSED], [{ status: 'cancelled' }]);
		expect(reply.state).toBe('cancelled');
	});

	it.each(['notFound', 'unauthorized', 'unavailable', 'intercepted'] as const)(
		'that cannot be read for %s is that error',
		async (kind) => {
			await expect(fetched([new RunComfyError(kind)])).rejects.toMatchObject({ kind });
		},
	);
});
