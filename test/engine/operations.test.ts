import type { IRun } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import { json } from '../emulator/http';
import { itemsOf } from '../fixtures/workflows';
import { pass } from './virtualTime';
import { createWorld, errorOf, kindOf, videosOf, type World } from './world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('Generate and Wait', () => {
	it('turns a prompt into a video that an upload node can take', async () => {
		const run = await world.run(['a paper boat'], { duration: 3, aspectRatio: '9:16' });

		const [item] = videosOf(run);
		const [request] = world.emulator.requests.values();
		expect(run.status).toBe('success');
		expect(item.json).toEqual({
			request_id: request.requestId,
			status: 'completed',
			model: 'kling/kling-3.0/pro/text-to-video',
			prompt: 'a paper boat',
			media_type: 'video',
			url: expect.stringContaining(`/media/${request.requestId}_0.mp4`),
			index: 0,
			count: 1,
			file_size: RunComfyEmulator.file('9:16').length,
			width: 360,
			height: 640,
			duration: 3,
			created_at: expect.stringMatching(/^\d{4}-/),
			finished_at: expect.stringMatching(/^\d{4}-/),
			cost: 0.504,
		});
		expect(item.binary?.data).toMatchObject({
			mimeType: 'video/mp4',
			fileName: `${request.requestId}.mp4`,
			fileExtension: 'mp4',
			data: 'filesystem-v2',
		});
		expect(item.pairedItem).toEqual({ item: 0 });
		const bytes = await world.engine.binary(item.binary?.data);
		expect(sha256(bytes)).toBe(sha256(RunComfyEmulator.file('9:16')));
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('sends what the user set and nothing else', async () => {
		await world.run(['a paper boat']);
		await world.run(['a paper boat'], {
			multiPrompt: {
				segment: [
					{ prompt: 'one', duration: 3 },
					{ prompt: 'two', duration: 4 },
				],
			},
			sound: false,
			model: 'standard',
			additionalFields: { negativePrompt: 'rain', cfgScale: 0.7, shotType: 'intelligent' },
		});

		const inputs = [...world.emulator.requests.values()].map(({ input }) => input);
		expect(inputs).toEqual([
			{ prompt: 'a paper boat', duration: 5, aspect_ratio: '16:9', sound: true },
			{
				prompt: 'a paper boat',
				duration: 7,
				aspect_ratio: '16:9',
				sound: false,
				multi_prompt: [
					{ prompt: 'one', duration: 3 },
					{ prompt: 'two', duration: 4 },
				],
				negative_prompt: 'rain',
				cfg_scale: 0.7,
				shot_type: 'intelligent',
			},
		]);
	});

	it('leaves out a negative prompt whose expression gives no value, and nothing else', async () => {
		const run = await world.run(['a paper boat'], {
			additionalFields: { negativePrompt: '={{ $json.nothing }}' },
			options: { fileName: '={{ $json.nothing }}', allowedDownloadHosts: '={{ $json.nothing }}' },
		});
		const [request] = world.emulator.requests.values();
		expect(run.status).toBe('success');
		expect(request.input).toEqual({
			prompt: 'a paper boat',
			duration: 5,
			aspect_ratio: '16:9',
			sound: true,
		});
		expect(videosOf(run)[0].binary?.data.fileName).toBe(`${request.requestId}.mp4`);
	});

	it('takes the text of a sheet for the number that it writes out, in the form', async () => {
		const sheet = { seconds: ' 7 ', scale: '0.70', wait: '30', size: '100.5', row: 12 };
		const run = await world.run([{ json: sheet }], {
			prompt: 'a paper boat',
			duration: '={{ $json.seconds }}',
			additionalFields: { cfgScale: '={{ $json.scale }}' },
			options: {
				maximumWaitMinutes: '={{ $json.wait }}',
				maximumFileSizeMb: '={{ $json.size }}',
				maximumConcurrency: '={{ "5" }}',
				pollIntervalSeconds: '={{ "3" }}',
				fileName: '={{ $json.row }}',
			},
		});
		const [request] = world.emulator.requests.values();
		expect(run.status).toBe('success');
		expect(request.input).toMatchObject({
			duration: 7,
			cfg_scale: 0.7,
		});
		expect(videosOf(run)[0].binary?.data.fileName).toBe('12.mp4');
	});

	it('makes a video as long as its segments together, whatever the form says besides', async () => {
		const segment = [
			{ prompt: 'one', duration: 3 },
			{ prompt: 'two', duration: '={{ "6" }}' },
		];
		await world.run(['a paper boat'], { multiPrompt: { segment }, duration: '={{ $json.none }}' });
		const [request] = world.emulator.requests.values();
		expect(request.input).toMatchObject({ duration: 9, multi_prompt: [{}, { duration: 6 }] });
	});

	it('makes a video as long as its segments together from JSON that names no duration', async () => {
		const inputsJson =
			'{"prompt":"a boat","multi_prompt":[{"prompt":"one"},{"prompt":"two","duration":4}]}';
		await world.run(['a paper boat'], { specifyInputs: 'json', inputsJson });
		const [request] = world.emulator.requests.values();
		expect(request.input).toEqual({ ...(JSON.parse(inputsJson) as object), duration: 9 });
	});

	it('takes two new segments as the form makes them', async () => {
		const segment = [{ prompt: 'one' }, { prompt: 'two' }];
		expect((await world.run(['a paper boat'], { multiPrompt: { segment } })).status).toBe(
			'success',
		);
		const [request] = world.emulator.requests.values();
		expect(request.input).toMatchObject({ duration: 6 });
	});

	it('fills in what a saved workflow leaves out of a segment', async () => {
		await world.run(['a paper boat'], { multiPrompt: { segment: [{ prompt: 'one' }] } });
		const [request] = world.emulator.requests.values();
		expect(request.input.multi_prompt).toEqual([{ prompt: 'one', duration: 3 }]);
	});

	it('takes JSON that starts with a byte order mark, as a file from Windows does', async () => {
		await world.run(['a paper boat'], {
			specifyInputs: 'json',
			inputsJson: '={{ "\uFEFF" + JSON.stringify({ prompt: "a boat" }) }}',
		});
		const [request] = world.emulator.requests.values();
		expect(request.input).toEqual({ prompt: 'a boat' });
	});

	it('takes the whole input as JSON', async () => {
		const run = await world.run(['[videos] a boat'], {
			specifyInputs: 'json',
			inputsJson:
				'={{ JSON.stringify({ prompt: $json.prompt, duration: 4, negative_prompt: "" }) }}',
		});
		const [request] = world.emulator.requests.values();
		expect(request.input).toEqual({ prompt: '[videos] a boat', duration: 4, negative_prompt: '' });
		expect(videosOf(run)).toHaveLength(2);
	});

	it('sends a prompt that was cut inside an emoji as whole characters', async () => {
		const prompt = '={{ "a boat ⛵ 🎬🎬".slice(0, -1) }}';
		await world.run(['a boat'], { prompt, operation: 'submit' });
		const [{ input }] = world.emulator.requests.values();
		expect(input.prompt).toBe('a boat ⛵ 🎬\ufffd');
	});

	it('runs another model that an expression names', async () => {
		await world.run(['a boat'], { model: '={{ "kling/kling-3.0/" + "standard/text-to-video" }}' });
		const [request] = world.emulator.requests.values();
		expect(request.model).toBe('kling/kling-3.0/standard/text-to-video');
	});

	it('tells the cost', async () => {
		const [item] = videosOf(await world.run(['a boat']));
		expect(item.json.cost).toBe(0.84);
	});

	describe('above its output', () => {
		/** What n8n shows there. */
		const hints = (run: IRun) => run.data.resultData.runData['Kling Video'][0].hints ?? [];

		it('says what was made, how long and large, what it cost, and that the next node may use it', async () => {
			const run = await world.run(['a boat']);
			const [{ json }] = videosOf(run);
			expect(hints(run)).toEqual([
				{
					message: `Video, 3 s, 640 × 360, <b>$0.84</b>. <i>Execute step</i> on the next node reuses this output at no charge, once its required fields are filled in.`,
					type: 'info',
					location: 'outputPane',
				},
			]);
			expect(json.cost).toBe(0.84);
		});

		it('counts many in one line', async () => {
			const settings = { onError: 'continueRegularOutput' as const };
			const run = await world.run(['a boat', '[failing] a car', 'a bird'], {}, settings);
			expect(hints(run).map(({ message }) => message)).toEqual([
				expect.stringMatching(/^3 videos: 2 finished, 1 failed, <b>\$1\.68<\/b>\./),
			]);
		});

		it('adds what a failed request has cost', async () => {
			world.emulator.respond = ({ endpoint }, usual) => {
				const answer = usual();
				if (endpoint !== 'result') return answer;
				const body = JSON.parse(String(answer.body)) as { error?: string };
				return json(200, { ...body, ...(body.error && { cost: 0.5 }) });
			};
			const settings = { onError: 'continueRegularOutput' as const };
			const run = await world.run(['a boat', '[failing] a car'], {}, settings);
			expect(hints(run)[0]?.message).toContain('<b>$1.34</b>');
		});

		it('adds what a finished request has cost whose file was not downloaded', async () => {
			const settings = { onError: 'continueRegularOutput' as const };
			let lost: string | undefined;
			world.emulator.chooseFault = ({ endpoint, requestId }) => {
				if (endpoint !== 'media') return undefined;
				lost ??= requestId;
				return requestId === lost ? 'notFound' : undefined;
			};
			const run = await world.run(['a boat', 'a car'], {}, settings);
			const [failure] = videosOf(run).filter(({ json }) => json.error);
			expect(failure.json.details).toMatchObject({ reason: 'downloadFailed', cost: 0.84 });
			expect(hints(run)[0]?.message).toMatch(/^2 videos: 1 finished, 1 failed, <b>\$1\.68<\/b>\./);
		});

		it('counts the files of one request', async () => {
			expect(hints(await world.run(['[videos] a boat']))[0]?.message).toMatch(
				/^2 files, <b>\$0\.84<\/b>\./,
			);
		});

		it('calls failed only what has failed, and counts the cost of a request once', async () => {
			const submitted = videosOf(
				await world.run(['a boat', '[endless] a car'], { operation: 'submit' }),
			);
			await pass(5_000);
			const run = await world.run([submitted[0], ...submitted], { operation: 'getResult' });
			expect(hints(run)[0]?.message).toMatch(/^3 videos: 2 finished, <b>\$0\.84<\/b>\./);
		});

		it('says nothing where nothing was made', async () => {
			expect(hints(await world.run(['a boat'], { operation: 'submit' }))).toEqual([]);
			const settings = { onError: 'continueRegularOutput' as const };
			expect(hints(await world.run(['[failing] a boat'], {}, settings))).toEqual([]);
		});

		it('lets nothing from outside become markup', async () => {
			world.emulator.respond = ({ endpoint }, usual) =>
				endpoint === 'result'
					? {
							status: 200,
							body: JSON.stringify({
								status: 'completed',
								cost: '<b>1</b>',
								output: { image: 'https://x.example/a.png?"><script>alert(1)</script>' },
							}),
						}
					: usual();
			const run = await world.run(['a boat'], { downloadMedia: false });
			const [{ message }] = hints(run);
			expect(message).toContain('Open the file');
			expect(message).toContain('<img src=');
			expect(message).not.toMatch(/<script|<b>1/);
		});
	});

	it('Get Request Result is not refused for an option of another operation', async () => {
		const [item] = videosOf(await world.run(['[queued] a boat'], { operation: 'submit' }));
		const options = { maximumRequests: 0 };
		const run = await world.run([item], { operation: 'getResult', options });
		expect(videosOf(run)[0]?.json.status).toBe('in_queue');
	});

	it('gives only the URL when the download is off', async () => {
		const [item] = videosOf(await world.run(['a boat'], { downloadMedia: false }));
		expect(item.binary).toBeUndefined();
		expect(item.json.url).toContain('/media/');
		expect(world.emulator.count('media')).toBe(0);
	});

	it('names file and field as the options say, with the true ending', async () => {
		const [item] = videosOf(
			await world.run(['a boat'], {
				options: { outputBinaryField: 'clip', fileName: '../../My: "Boat".png' },
			}),
		);
		expect(item.binary?.clip.fileName).toBe('My_ _Boat_.mp4');
		expect(item.binary?.clip.directory).toBeUndefined();
	});

	it.each([
		['videos', ['video/mp4', 'video/mp4']],
		['image', ['image/png']],
		['images', ['image/png', 'image/png', 'image/png']],
		['mixed', ['video/mp4', 'video/mp4', 'image/png', 'image/png']],
	])('gives one item a file for the output shape %s', async (shape, mimeTypes) => {
		const items = videosOf(await world.run([`[${shape}] a boat`]));
		expect(items.map(({ binary }) => binary?.data.mimeType)).toEqual(mimeTypes);
		expect(items.map(({ json }) => [json.index, json.count])).toEqual(
			mimeTypes.map((_, index) => [index, mimeTypes.length]),
		);
		expect(new Set(items.map(({ binary }) => binary?.data.fileName)).size).toBe(mimeTypes.length);
		expect(items.every(({ pairedItem }) => JSON.stringify(pairedItem) === '{"item":0}')).toBe(true);
	});

	it.each(['pageWords', 'otherWords'])('understands the status words of [%s]', async (words) => {
		const run = await world.run([`[${words}] a boat`]);
		expect(videosOf(run)[0].json.status).toBe('completed');
	});

	it.each([
		['failingInPageWords', 'failed'],
		['aborted', 'aborted'],
		['nsfw', 'nsfw'],
	])('ends with the reason of [%s]', async (scenario, word) => {
		const startedAt = Date.now();
		const { message, description } = errorOf(await world.run([`[${scenario}] a boat`]));
		expect(message).toBe("RunComfy couldn't generate the video: content policy");
		expect(description).toContain(`Last status: ${word}`);
		expect(Date.now() - startedAt).toBeLessThan(10_000);
	});
});

describe('Submit Request, Get Request Status, Get Request Result', () => {
	it('hands a request from one to the next by the item’s request_id', async () => {
		const submitted = videosOf(await world.run(['[slow] a boat'], { operation: 'submit' }));
		const id = submitted[0].json.request_id;
		expect(submitted[0].json).toMatchObject({ status_url: expect.any(String), request_id: id });

		const status = videosOf(await world.run(submitted, { operation: 'getStatus' }));
		expect(status[0].json).toMatchObject({ request_id: id, status: expect.stringMatching(/^in_/) });

		const early = videosOf(await world.run(submitted, { operation: 'getResult' }));
		expect(early[0].json).toMatchObject({ request_id: id, status: expect.stringMatching(/^in_/) });
		expect(early[0].binary).toBeUndefined();

		const waited = videosOf(
			await world.run(submitted, { operation: 'getResult', waitForCompletion: true }),
		);
		expect(waited[0].json).toMatchObject({ request_id: id, status: 'completed' });
		expect(waited[0].binary?.data.mimeType).toBe('video/mp4');
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('tells the place in the queue', async () => {
		const submitted = videosOf(await world.run(['[queued] a boat'], { operation: 'submit' }));
		const [{ json }] = videosOf(await world.run(submitted, { operation: 'getStatus' }));
		expect(json).toMatchObject({ status: 'in_queue', queue_position: 7 });
	});

	it('finds the request id in an error item too', async () => {
		const submitted = videosOf(await world.run(['[queued] a boat'], { operation: 'submit' }));
		const failed = [
			{ json: { error: 'x', details: { request_id: submitted[0].json.request_id } } },
		];
		const [{ json }] = videosOf(await world.run(failed, { operation: 'getStatus' }));
		expect(json.status).toBe('in_queue');
	});

	it('says what is wrong with a request id', async () => {
		const missing = await world.run([{ json: {} }], { operation: 'getStatus' });
		expect(errorOf(missing).message).toContain('Request ID is required');
		const strange = await world.run([{ json: { request_id: '..' } }], { operation: 'getStatus' });
		expect(errorOf(strange).message).toContain('Request ID contains invalid characters');
		const unknown = await world.run([{ json: { request_id: 'nobody' } }], {
			operation: 'getResult',
		});
		expect(errorOf(unknown).message).toBe('RunComfy does not know this request');
		expect(errorOf(unknown).description).toContain('nobody');
	});

	it.each(['req/2026?x=1#y', 'a%2Fb', '"quoted"', '요청-1', 'a=b:c;d,e', 'x'.repeat(300)])(
		'finds the request whose ID is %s, as Submit has given it',
		async (requestId) => {
			world.emulator.respond = ({ endpoint }, usual) => {
				const answer = usual();
				if (endpoint !== 'submit') return answer;
				const [[id, request]] = world.emulator.requests;
				world.emulator.requests.delete(id);
				world.emulator.requests.set(requestId, { ...request, requestId });
				return { ...answer, body: JSON.stringify({ request_id: requestId }) };
			};
			const submitted = videosOf(await world.run(['[queued] a boat'], { operation: 'submit' }));
			expect(submitted[0].json.request_id).toBe(requestId);
			const [status] = videosOf(await world.run(submitted, { operation: 'getStatus' }));
			expect(status.json).toMatchObject({ request_id: requestId, status: 'in_queue' });
			const [result] = videosOf(await world.run(submitted, { operation: 'getResult' }));
			expect(result.json).toMatchObject({ request_id: requestId, status: 'in_queue' });
			const [cancelled] = videosOf(await world.run(submitted, { operation: 'cancel' }));
			expect(cancelled.json).toMatchObject({ request_id: requestId, cancelled: true });
		},
	);

	it.each(['a b', 'https://model-api.runcomfy.net/v1/requests/a/status', '...', 'x'.repeat(301)])(
		'refuses %s for the ID of a request',
		async (requestId) => {
			const run = await world.run([{ json: { request_id: requestId } }], {
				operation: 'getStatus',
			});
			expect(errorOf(run).message).toContain('Request ID contains invalid characters');
		},
	);

	it.each([200, 202, 204])('takes an empty answer of HTTP %i to a cancel', async (status) => {
		const submitted = videosOf(await world.run(['[queued] a boat'], { operation: 'submit' }));
		world.emulator.respond = ({ endpoint }, usual) => {
			const answer = usual();
			return endpoint === 'cancel' ? { status, body: '' } : answer;
		};
		const [{ json }] = videosOf(await world.run(submitted, { operation: 'cancel' }));
		expect(json).toMatchObject({ cancelled: true, status: 'cancelled' });
		expect(world.emulator.count('cancel')).toBe(1);
	});

	it('reports a failed run with RunComfy’s message, and a completed one without a file', async () => {
		const failed = await world.run(['[failing] a boat']);
		expect(errorOf(failed).message).toBe("RunComfy couldn't generate the video: content policy");
		expect(errorOf(failed).description).toContain('Last status: failed');
		const empty = await world.run(['[nothing] a boat']);
		expect(errorOf(empty).message).toBe('RunComfy returned no file');
	});

	it.each<[unknown, string]>([
		[0.84, 'RunComfy charged $0.84 for it.'],
		[0, 'RunComfy charged nothing for it.'],
		[undefined, 'RunComfy does not say whether it was charged: see Generations'],
	])('says of a failed request of cost %j: %s', async (cost, words) => {
		world.emulator.respond = ({ endpoint }, usual) =>
			endpoint === 'result'
				? { status: 200, body: JSON.stringify({ status: 'failed', error: 'no such style', cost }) }
				: usual();
		expect(errorOf(await world.run(['a boat'])).description).toContain(words);
	});

	it('gives the status of a request whose result is refused until it is finished', async () => {
		const submitted = videosOf(
			await world.run(['[refusedUntilFinished] a boat'], { operation: 'submit' }),
		);
		const id = submitted[0].json.request_id;
		const [early] = videosOf(await world.run(submitted, { operation: 'getResult' }));
		expect(early.json).toMatchObject({ request_id: id, status: 'in_progress' });
		expect(early.json.error_code).toBeUndefined();

		const [late] = videosOf(
			await world.run(submitted, { operation: 'getResult', waitForCompletion: true }),
		);
		expect(late.json).toMatchObject({ request_id: id, status: 'completed' });
		const [again] = videosOf(await world.run(submitted, { operation: 'getResult' }));
		expect(again.binary?.data.mimeType).toBe('video/mp4');
	});

	it.each(['completedButRefused', 'completedWithError'])(
		'takes %s for the failed run it is, with RunComfy’s message',
		async (scenario) => {
			const [{ json }] = videosOf(
				await world.run([`[${scenario}] a boat`], { operation: 'submit' }),
			);
			await world.run([{ json }], { operation: 'getResult', waitForCompletion: true });
			const run = await world.run([{ json }], { operation: 'getResult' });
			expect(errorOf(run).message).toBe("RunComfy couldn't generate the video: content policy");
			expect(errorOf(run).description).toContain('This starts a new billed request');
			expect(errorOf(run).description).toContain(`Request ID: ${String(json.request_id)}`);
		},
	);

	it('takes an error beside a completed status for a failed run while it waits, too', async () => {
		const run = await world.run(['[completedWithError] a boat']);
		expect(errorOf(run).message).toBe("RunComfy couldn't generate the video: content policy");
		expect(errorOf(run).description).toContain('This starts a new billed request');
	});

	it('gives a failed status without an error in json, which n8n would run again for', async () => {
		const submitted = videosOf(
			await world.run(['[failingInPageWords] a boat'], { operation: 'submit' }),
		);
		const ended = await world.run(
			submitted,
			{ operation: 'getResult', waitForCompletion: true },
			{ onError: 'continueRegularOutput' },
		);
		expect(videosOf(ended)[0].json.details).toMatchObject({ reason: 'failed' });
		const [{ json }] = videosOf(await world.run(submitted, { operation: 'getStatus' }));
		expect(json).toMatchObject({ status: 'failed' });
		expect(json.error).toBeUndefined();
	});

	it('may be an error of an expression, which is told as one', async () => {
		const run = await world.run(
			['a boat'],
			{ prompt: "={{ $('No such node').item.json.prompt }}" },
			{ onError: 'continueRegularOutput' },
		);
		const [{ json }] = videosOf(run);
		expect(json.details).toMatchObject({ reason: 'error' });
		expect(json.error).toEqual(expect.any(String));
		expect(world.emulator.paidPosts).toBe(0);
	});
});

describe('Cancel', () => {
	it('says that a queued request is cancelled', async () => {
		const submitted = videosOf(await world.run(['[queued] a boat'], { operation: 'submit' }));
		const [{ json }] = videosOf(await world.run(submitted, { operation: 'cancel' }));
		expect(json).toMatchObject({
			request_id: submitted[0].json.request_id,
			outcome: 'cancelled',
			cancelled: true,
			message: 'The request is cancelled.',
		});
	});

	it('says that a running or finished request can no longer be cancelled', async () => {
		const running = videosOf(await world.run(['[endless] a boat'], { operation: 'submit' }));
		const [late] = videosOf(await world.run(running, { operation: 'cancel' }));
		expect(late.json).toMatchObject({ status: 'in_progress', cancelled: false });
		expect(late.json.message).toContain('will finish and be charged');

		const [{ json }] = videosOf(await world.run(['a boat']));
		const [done] = videosOf(
			await world.run([{ json: { request_id: json.request_id } }], { operation: 'cancel' }),
		);
		expect(done.json).toMatchObject({ status: 'completed', cancelled: false });
		expect(done.json.message).toContain('had already finished');
	});
});

describe('the answer to a paid POST', () => {
	it('may name the request by a number of any length', async () => {
		const run = await world.run(['[numericId] a boat']);
		const [id] = world.emulator.requests.keys();
		expect(id).toMatch(/^9\d{16,}$/);
		expect(videosOf(run)[0].json).toMatchObject({ request_id: id, status: 'completed' });
		expect(world.emulator.paidPosts).toBe(1);

		const byNumber = await world.run([{ json: { request_id: 42 } }], { operation: 'getStatus' });
		expect(errorOf(byNumber).description).toContain('Request ID: 42');
	});

	it('may be an error that names the request: it is waited for', async () => {
		world.emulator.chooseFault = ({ endpoint }) => (endpoint === 'submit' ? 'idIn500' : undefined);
		const [item] = videosOf(await world.run(['a boat']));
		expect(item.binary?.data.mimeType).toBe('video/mp4');
		expect(item.json.request_id).toBe([...world.emulator.requests.keys()][0]);
		expect(world.emulator.paidPosts).toBe(1);
	});

	it('shows an id that an error names although RunComfy does not know it, and says to check there', async () => {
		world.emulator.chooseFault = ({ endpoint }) =>
			endpoint === 'submit' ? 'otherIdIn500' : undefined;
		const failed = await world.run(['a boat'], {}, { retryOnFail: true, waitBetweenTries: 1 });
		expect(kindOf(failed)).toBe('outcomeUnknown');
		expect(errorOf(failed).description).toContain('Request ID: trace-1');
		expect(world.emulator.count('submit')).toBe(1);
	});

	it('is not known by an answer about that id which names none', async () => {
		world.emulator.chooseFault = ({ endpoint, requestId }) =>
			endpoint === 'submit'
				? 'otherIdIn500'
				: endpoint === 'status' && requestId === 'trace-1'
					? 'noRequestId'
					: undefined;
		const failed = await world.run(['a boat']);
		expect(kindOf(failed)).toBe('outcomeUnknown');
		expect(world.emulator.count('submit')).toBe(1);
	});

	it('that comes from a server in between blames neither token nor model', async () => {
		world.emulator.chooseFault = () => 'page404';
		const { message, description } = errorOf(await world.run(['a boat']));
		expect(message).toBe('Another server answered instead of RunComfy');
		expect(description).toContain('Nothing was started or charged');
		expect(description).toContain('HTTP status: 404');
		expect(`${message} ${description}`).not.toMatch(/token|model/i);
		expect(world.emulator.count('submit')).toBe(1);
	});

	it('an error about a known request never puts another id in its place', async () => {
		world.emulator.chooseFault = () => 'idIn500';
		const run = await world.run([{ json: { request_id: 'abc' } }], { operation: 'getStatus' });
		expect(errorOf(run).description).toContain('Request ID: abc');
		expect(errorOf(run).description).not.toContain('trace-1');
	});
});

describe('several items', () => {
	it('run side by side, are submitted and answered in input order, and stay linked', async () => {
		const prompts = Array.from({ length: 20 }, (_, row) => `[slow] idea ${row}`);
		const run = await world.run(prompts);
		const items = videosOf(run);
		expect([...world.emulator.requests.values()].map(({ input }) => input.prompt)).toEqual(prompts);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(prompts.map((_, item) => ({ item })));
		const ids = [...world.emulator.requests.keys()];
		expect(items.map(({ json }) => json.request_id)).toEqual(ids);

		const submits = world.emulator.calls.flatMap(({ endpoint }, at) =>
			endpoint === 'submit' ? [at] : [],
		);
		const firstFile = world.emulator.calls.findIndex(({ endpoint }) => endpoint === 'media');
		expect(Math.max(...submits)).toBeLessThan(firstFile);
	});

	it('never run more at a time than Maximum Concurrency says', async () => {
		const prompts = Array.from({ length: 7 }, (_, row) => `idea ${row}`);
		await world.run(prompts, { options: { maximumConcurrency: 2 } });
		let open = 0;
		let most = 0;
		for (const { endpoint } of world.emulator.calls) {
			if (endpoint === 'submit') most = Math.max(most, ++open);
			if (endpoint === 'media') open--;
		}
		expect(most).toBe(2);
		expect(world.emulator.paidPosts).toBe(7);
	});

	it('end in an error item in their place with Continue (regular output)', async () => {
		const run = await world.run(
			['one', '[failing] two', 'three'],
			{},
			{ onError: 'continueRegularOutput' },
		);
		const items = videosOf(run);
		const ids = [...world.emulator.requests.keys()];
		expect(run.status).toBe('success');
		expect(items.map(({ json }) => json.request_id)).toEqual(ids);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		expect(items[1].json).toMatchObject({
			error: "RunComfy couldn't generate the video: content policy",
			details: { request_id: ids[1], reason: 'failed', status: 'failed' },
		});
		expect([items[0], items[2]].every(({ binary }) => binary?.data)).toBe(true);
	});

	it('go to the error output, with request id and the row they came from, with Continue (error output)', async () => {
		const run = await world.run(
			['one', '[failing] two', 'three'],
			{},
			{ onError: 'continueErrorOutput' },
		);
		const ids = [...world.emulator.requests.keys()];
		expect(itemsOf(run, 'Videos').map(({ json }) => json.request_id)).toEqual([ids[0], ids[2]]);
		const [failure, ...more] = itemsOf(run, 'Failures');
		expect(more).toEqual([]);
		expect(failure.json).toMatchObject({
			row: 1,
			error: "RunComfy couldn't generate the video: content policy",
			details: { request_id: ids[1], reason: 'failed' },
		});
	});
});

describe('the credential', () => {
	it('is refused before anything is sent when it would leave this machine without https', async () => {
		await world.engine.saveCredential('runcomfy', { apiToken: 'x', baseUrl: 'http://example.com' });
		const run = await world.run(['a boat']);
		expect(errorOf(run).message).toContain('must start with https://');
		expect(world.emulator.calls).toEqual([]);
	});

	it('with a wrong token ends in one call and a plain message', async () => {
		await world.engine.saveCredential('runcomfy', {
			apiToken: 'wrong',
			baseUrl: world.emulator.url,
		});
		const run = await world.run(['a boat']);
		expect(kindOf(run)).toBe('unauthorized');
		expect(world.emulator.calls).toHaveLength(1);
		expect(world.emulator.paidPosts).toBe(0);
	});
});
