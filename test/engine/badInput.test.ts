import type { INodeParameters } from 'n8n-workflow';
import { createWorld, errorOf, videosOf, type World } from './world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());

const additional = (fields: INodeParameters) => ({ additionalFields: fields });
const segments = (...durations: unknown[]) => ({
	multi_prompt: { segment: durations.map((duration) => ({ prompt: 'a scene', duration })) },
});

describe('bad input is refused by the name of its field, before one paid POST is sent', () => {
	it.each<[string, unknown, string]>([
		['an empty prompt', { prompt: '  ' }, 'Prompt must be a text that is not empty, but is empty'],
		[
			'a prompt without a value',
			{ prompt: '={{ $json.none }}' },
			'Prompt must be a text that is not empty, but is missing',
		],
		[
			'a prompt that is no text',
			{ prompt: '={{ 5 }}' },
			'Prompt must be a text that is not empty, but is 5',
		],
		[
			'too short',
			{ duration: 2 },
			'Duration must be a whole number of seconds from 3 to 15, but is 2',
		],
		[
			'too long',
			{ duration: 16 },
			'Duration must be a whole number of seconds from 3 to 15, but is 16',
		],
		[
			'half a second',
			{ duration: 4.5 },
			'Duration must be a whole number of seconds from 3 to 15, but is 4.5',
		],
		[
			'a number as text',
			{ duration: '={{ "8" }}' },
			'Duration must be a whole number of seconds from 3 to 15, but is the text "8"',
		],
		[
			'an unknown ratio',
			{ aspect_ratio: '4:3' },
			'Aspect Ratio must be one of 16:9, 9:16, 1:1, but is the text "4:3"',
		],
		[
			'a sound that is no boolean',
			{ sound: '={{ "yes" }}' },
			'Sound must be true or false, but is the text "yes"',
		],
		[
			'a CFG scale above 1',
			additional({ cfg_scale: 1.1 }),
			'CFG Scale must be a number from 0 to 1, but is 1.1',
		],
		[
			'a CFG scale below 0',
			additional({ cfg_scale: -0.1 }),
			'CFG Scale must be a number from 0 to 1, but is -0.1',
		],
		[
			'a negative prompt that is no text',
			additional({ negative_prompt: '={{ [1] }}' }),
			'Negative Prompt must be a text, but is a list of 1',
		],
		[
			'an unknown shot type',
			additional({ shot_type: 'intelligent' }),
			'Shot Type must be customize, but is the text "intelligent"',
		],
		[
			'segments that do not add up',
			segments(3, 4),
			'Multi Prompt lasts 7 s in all, but the duration of the video is 5 s: set the duration to 7, or make the segments add up to 5',
		],
		[
			'segments that can never add up',
			segments(8, 8),
			'Multi Prompt lasts 16 s in all, but the duration of the video is 5 s: make the segments add up to 5; a video lasts at most 15 s',
		],
		[
			'a segment that is too short',
			segments(3, 2),
			'Multi Prompt, segment 2, Duration must be a whole number of seconds from 3 to 15, but is 2',
		],
		[
			'a segment without a prompt',
			{ multi_prompt: { segment: [{ prompt: '', duration: 5 }] } },
			'Multi Prompt, segment 1, Prompt must be a text that is not empty, but is missing',
		],
		[
			'too many segments',
			segments(...Array.from({ length: 21 }, () => 3)),
			'Multi Prompt must be a list of at most 20 segments, each with a prompt and a duration, but is a list of 21',
		],
		['a model that is no ID', { model: '={{ "kling" }}' }, 'Model must be an ID such as'],
		['a model that climbs out', { model: '={{ "../requests/x" }}' }, 'Model must be an ID such as'],
		[
			'broken JSON',
			{ specifyInput: 'json', inputJson: '{"prompt": ' },
			'Input (JSON) is not valid JSON',
		],
		[
			'JSON that is no object',
			{ specifyInput: 'json', inputJson: '[1]' },
			'Input (JSON) must be an object of fields, but is a list of 1',
		],
		[
			'an unknown key',
			{ specifyInput: 'json', inputJson: '{"prompt":"x","camera_fixed":true}' },
			'camera_fixed is not a field of this model',
		],
		[
			'an unknown key in a segment',
			{
				specifyInput: 'json',
				inputJson: '{"prompt":"x","multi_prompt":[{"prompt":"y","duration":5,"camera":"z"}]}',
			},
			'multi_prompt, segment 1, camera is not a field of this model',
		],
		[
			'a null',
			{ specifyInput: 'json', inputJson: '{"prompt":"x","duration":null}' },
			'duration must be a whole number of seconds from 3 to 15, but is null',
		],
		[
			'several faults at once',
			{ duration: 2, sound: '={{ 1 }}' },
			'Duration must be a whole number of seconds from 3 to 15, but is 2. Sound must be true or false, but is 1',
		],
		[
			'a wait that is no number',
			{ options: { maximumWaitMinutes: '={{ "long" }}' } },
			'Maximum Wait (Minutes) must be a number of at least 0',
		],
		[
			'no concurrency',
			{ options: { maxConcurrency: 0 } },
			'Max Concurrency must be a number of at least 1',
		],
		[
			'a binary field without a name',
			{ options: { outputBinaryField: '' } },
			'Output Binary Field must be a name without dots',
		],
	])('%s', async (_, parameters, message) => {
		const run = await world.run(['a boat'], parameters as INodeParameters);
		expect(errorOf(run).message).toContain(message);
		expect(errorOf(run).description).toContain('Nothing was started and nothing is charged.');
		expect(world.emulator.calls).toEqual([]);
	});

	it('one bad row stops all rows, so that a half batch is not paid', async () => {
		const run = await world.run(
			[{ json: { prompt: 'a boat', seconds: 5 } }, { json: { prompt: 'a boat', seconds: 99 } }],
			{ duration: '={{ $json.seconds }}' },
		);
		expect(errorOf(run).message).toContain('but is 99');
		expect(world.emulator.calls).toEqual([]);
	});

	it('with Continue On Fail a bad row is an error item and the good ones run', async () => {
		const run = await world.run(
			[{ json: { prompt: 'a boat', seconds: 99 } }, { json: { prompt: 'a boat', seconds: 5 } }],
			{ duration: '={{ $json.seconds }}' },
			{ onError: 'continueRegularOutput' },
		);
		const [bad, good] = videosOf(run);
		expect(bad.json.error).toContain('but is 99');
		expect(good.binary?.data.mimeType).toBe('video/mp4');
		expect(world.emulator.paidPosts).toBe(1);
	});
});
