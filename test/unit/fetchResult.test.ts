import { RunComfyClient } from '../../nodes/shared/api/client';
import { RunComfyError } from '../../nodes/shared/api/errors';
import type { Send } from '../../nodes/shared/api/http';
import { hostClock } from '../../nodes/shared/connection/clock';
import { throwUnlessCompleted } from '../../nodes/shared/requests/waitForCompletion';
import { readState, type ReplyBody, type RequestReply } from '../../nodes/shared/api/replies';

const UNFINISHED = { error_code: 400005 };
const REFUSED = new RunComfyError('rejected', {
	requestId: 'a',
	httpStatus: 400,
	detail: 'policy',
});
const RUNNING = { status: 'in_progress' };
const COMPLETED = { status: 'completed', output: { video: 'https://x' } };

/** Fetches a result from a server that gives these answers in turn. */
async function fetched(
	results: Array<ReplyBody | RunComfyError>,
	statuses: Array<ReplyBody | RunComfyError> = [],
): Promise<RequestReply> {
	let refused: RunComfyError | undefined;
	const send: Send = async ({ path }) => {
		// What is refused with the cost is refused without it.
		const again = path.endsWith('/result') ? refused : undefined;
		const answer = again ?? (path.endsWith('/status') ? statuses : results).shift();
		if (!answer) throw new Error('One call too many');
		refused = answer instanceof RunComfyError ? answer : undefined;
		if (answer instanceof RunComfyError) throw answer;
		return { status: 200, headers: {}, body: JSON.stringify(answer) };
	};
	const clock = { ...hostClock, sleep: async () => undefined };
	const client = new RunComfyClient({ send, clock, random: () => 0 });
	const reply = await client.result({ requestId: 'a' }, { deadline: 0 });
	expect([...results, ...statuses]).toEqual([]);
	return reply;
}

describe('the result of a request', () => {
	it.each([COMPLETED, RUNNING, { status: 'failed' }, { status: 'reticulating' }])(
		'is what `result` says, when it says how the request is: %j',
		async (body) => expect(await fetched([body])).toEqual(readState(body)),
	);

	it('is asked for without the cost where that is refused, and from then on', async () => {
		const paths: string[] = [];
		const send: Send = async ({ path }) => {
			paths.push(path);
			if (path.includes('include_cost')) throw REFUSED;
			return { status: 200, headers: {}, body: JSON.stringify(COMPLETED) };
		};
		const client = new RunComfyClient({ send, clock: hostClock, random: () => 0 });
		for (const requestId of ['a', 'b']) {
			const reply = await client.result({ requestId }, { deadline: 0 });
			expect(reply).toEqual(readState(COMPLETED));
		}
		const result = (id: string) => `/v1/requests/${id}/result`;
		expect(paths).toEqual([`${result('a')}?include_cost=true`, result('a'), result('b')]);
	});

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
			const reply = await fetched([REFUSED, REFUSED, REFUSED], [{ status }]);
			expect(() => throwUnlessCompleted({ requestId: 'a' }, reply)).toThrow(
				expect.objectContaining({
					kind: 'failed',
					facts: expect.objectContaining({ requestId: 'a', detail: 'policy', status }),
				}),
			);
		},
	);

	it('is never taken for an end while RunComfy says that it is not finished', async () => {
		const reply = await fetched([UNFINISHED, UNFINISHED], [COMPLETED]);
		expect(reply).toEqual({ ...readState(COMPLETED), state: 'unfinished' });
	});

	it('that was refused while the request went on, and then for good, is a failed run', async () => {
		const statuses = [RUNNING, COMPLETED];
		const send: Send = async ({ path }) => {
			if (!path.endsWith('/status')) throw REFUSED;
			const status = statuses.shift();
			if (!status) throw new Error('One call too many');
			return { status: 200, headers: {}, body: JSON.stringify(status) };
		};
		const clock = { ...hostClock, sleep: async () => undefined };
		const client = new RunComfyClient({ send, clock, random: () => 0 });
		const next = async () => await client.result({ requestId: 'a' }, { deadline: 0 });
		expect((await next()).state).toBe('running');
		expect((await next()).state).toBe('failed');
	});

	it('is that it has failed when the status says so, whatever `result` says', async () => {
		const failed = { status: 'failed', error: 'out of memory' };
		expect(await fetched([UNFINISHED, UNFINISHED], [failed])).toEqual(readState(failed));
	});

	it.each([UNFINISHED, REFUSED])('is given when it comes a moment after the end', async (early) => {
		const answers = early === REFUSED ? [early, early, COMPLETED] : [early, COMPLETED];
		expect(await fetched(answers, [COMPLETED])).toEqual(readState(COMPLETED));
	});

	it('of a cancelled request is that it is cancelled', async () => {
		const reply = await fetched([REFUSED], [{ status: 'cancelled' }]);
		expect(reply.state).toBe('cancelled');
	});

	it('that is not found is asked for by its status, which tells whether there is such a request', async () => {
		const missing = new RunComfyError('notFound');
		expect((await fetched([missing], [RUNNING])).status).toBe('in_progress');
		await expect(fetched([missing], [missing])).rejects.toMatchObject({ kind: 'notFound' });
	});

	it.each(['unauthorized', 'unavailable', 'intercepted'] as const)(
		'that cannot be read for %s is that error',
		async (kind) => {
			await expect(fetched([new RunComfyError(kind)])).rejects.toMatchObject({ kind });
		},
	);
});
