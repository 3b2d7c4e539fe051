import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { createWorld, errorOf, videosOf, type World } from './world';

let world: World;
beforeEach(async () => (world = await createWorld()));
afterEach(async () => await world.end());

const additional = (fields: INodeParameters) => ({ additionalFields: fields });
const segments = (...durations: unknown[]) => ({
	multiPrompt: { segment: durations.map((duration) => ({ prompt: 'a scene', duration })) },
});

describe('bad input is refused by the name of its field, before one paid POST is sent', () => {
	it.each<[string, unknown, string]>([
		['an empty prompt', { prompt: '  ' }, 'Prompt is required'],
		[
			'a prompt of nothing but characters that do not show',
			{ prompt: '\u200b\u200d\u2060\ufeff\u3164\u2800' },
			'Prompt is required',
		],
		['a prompt without a value', { prompt: '={{ $json.none }}' }, 'Prompt is required'],
		['a prompt that is null', { prompt: '={{ null }}' }, 'Prompt is required'],
		[
			'a prompt that is no text',
			{ prompt: '={{ [5] }}' },
			'Prompt must be text, but is a list of 1',
		],
		[
			'too short',
			{ duration: 2 },
			'Duration (Seconds) must be a whole number from 3 to 15, but is 2',
		],
		[
			'too long',
			{ duration: 16 },
			'Duration (Seconds) must be a whole number from 3 to 15, but is 16',
		],
		[
			'half a second',
			{ duration: 4.5 },
			'Duration (Seconds) must be a whole number from 3 to 15, but is 4.5',
		],
		[
			'a duration without a value',
			{ duration: '={{ $json.none }}' },
			'Duration (Seconds) has no value: set it to a whole number from 3 to 15, or give its expression a fallback',
		],
		[
			'a duration that was emptied',
			{ duration: '' },
			'Duration (Seconds) has no value: set it to a whole number from 3 to 15, or give its expression a fallback',
		],
		[
			'a duration of the text 5s',
			{ duration: '={{ "5s" }}' },
			'Duration (Seconds) must be a whole number from 3 to 15, but is the text "5s"',
		],
		[
			'a duration of the text 1e1',
			{ duration: '={{ "1e1" }}' },
			'Duration (Seconds) must be a whole number from 3 to 15, but is the text "1e1"',
		],
		[
			'a duration of the text 0x5',
			{ duration: '={{ "0x5" }}' },
			'Duration (Seconds) must be a whole number from 3 to 15, but is the text "0x5"',
		],
		[
			'a duration of the text 5,0',
			{ duration: '={{ "5,0" }}' },
			'Duration (Seconds) must be a whole number from 3 to 15, but is the text "5,0"',
		],
		[
			'a duration of the text  ',
			{ duration: '={{ " " }}' },
			'Duration (Seconds) must be a whole number from 3 to 15, but is the text " "',
		],
		[
			'a duration of the text 4.5 s',
			{ duration: '={{ "4.5 s" }}' },
			'Duration (Seconds) must be a whole number from 3 to 15, but is the text "4.5 s"',
		],
		[
			'text that writes out a wrong number',
			{ duration: '={{ "20" }}' },
			'Duration (Seconds) must be a whole number from 3 to 15, but is 20',
		],
		[
			'an unknown ratio',
			{ aspectRatio: '4:3' },
			'Aspect Ratio must be one of 16:9, 9:16, 1:1, but is the text "4:3"',
		],
		[
			'a ratio without a value',
			{ aspectRatio: '={{ $json.none }}' },
			'Aspect Ratio has no value: set it to one of 16:9, 9:16, 1:1, or give its expression a fallback',
		],
		[
			'a sound that is no boolean',
			{ sound: '={{ "yes" }}' },
			'Sound must be true or false, but is the text "yes"',
		],
		[
			'a sound without a value, whose default may cost more',
			{ sound: '={{ $json.none }}' },
			'Sound has no value: set it to true or false, or give its expression a fallback',
		],
		[
			'a CFG scale above 1',
			additional({ cfgScale: 1.1 }),
			'CFG Scale must be a number from 0 to 1, but is 1.1',
		],
		[
			'a CFG scale below 0',
			additional({ cfgScale: -0.1 }),
			'CFG Scale must be a number from 0 to 1, but is -0.1',
		],
		[
			'a CFG scale without a value',
			additional({ cfgScale: '={{ $json.none }}' }),
			'CFG Scale has no value: set it to a number from 0 to 1, or give its expression a fallback',
		],
		[
			'a shot type without a value',
			{ model: 'standard', ...additional({ shotType: '={{ null }}' }) },
			'Shot Type has no value: set it to one of intelligent, customize, or give its expression a fallback',
		],
		[
			'a negative prompt that is no text',
			additional({ negativePrompt: '={{ [1] }}' }),
			'Negative Prompt must be text, but is a list of 1',
		],
		[
			'an unknown shot type',
			{ specifyInputs: 'json', inputsJson: '{"prompt":"x","shot_type":"intelligent"}' },
			'shot_type must be customize, but is the text "intelligent"',
		],
		[
			'an additional field that there is not',
			additional({ seed: 5 }),
			'seed is not an input of this model: remove it, or use one of prompt, negative_prompt',
		],
		[
			'an option that there is not',
			{ options: { maxConcurrency: 100 } },
			'Options has no option "maxConcurrency": use maximumConcurrency (Maximum Concurrency)',
		],
		[
			'an option that is like none',
			{ options: { colour: 'red' } },
			'Options has no option "colour": remove it',
		],
		[
			'segments that are too long together',
			segments(8, 8),
			'Multi Prompt lasts 16 seconds in all, but a video lasts at most 15: shorten or remove segments',
		],
		[
			'JSON whose duration contradicts its segments',
			{
				specifyInputs: 'json',
				inputsJson: '{"prompt":"x","duration":5,"multi_prompt":[{"prompt":"y","duration":7}]}',
			},
			'multi_prompt lasts 7 seconds in all, but duration is 5: set it to 7, or leave it out',
		],
		[
			'a segment that is too short',
			segments(3, 2),
			'Multi Prompt, segment 2, Segment Duration (Seconds) must be a whole number from 3 to 15, but is 2',
		],
		[
			'a segment whose duration has no value',
			segments('={{ $json.none }}'),
			'Multi Prompt, segment 1, Segment Duration (Seconds) has no value: set it to a whole number from 3 to 15, or give its expression a fallback',
		],
		[
			'a segment without a prompt',
			{ multiPrompt: { segment: [{ prompt: '', duration: 5 }] } },
			'Multi Prompt, segment 1, Segment Prompt is required',
		],
		[
			'a segment with a prompt that does not show',
			{ multiPrompt: { segment: [{ prompt: '\u200b', duration: 5 }] } },
			'Multi Prompt, segment 1, Segment Prompt is required',
		],
		[
			'too many segments',
			segments(...Array.from({ length: 6 }, () => 3)),
			'Multi Prompt must be a list of at most 5 entries, but is a list of 6',
		],
		[
			'a model that is no ID',
			{ model: '={{ "kling" }}' },
			'Model must be standard, pro, 4k, byId or the ID of a model, but is the text "kling"',
		],
		[
			'a model that generates from an image, by its ID kling/next/image-to-video/pro',
			{ model: 'byId', modelId: 'kling/next/image-to-video/pro' },
			"Model ID names a model that generates from image, but 'Generate From' is text: change one of them",
		],
		[
			'a model that generates from an image, by its ID kling/Image-To-Video/next',
			{ model: 'byId', modelId: 'kling/Image-To-Video/next' },
			"Model ID names a model that generates from image, but 'Generate From' is text: change one of them",
		],
		[
			'a model that generates from an image, by its ID image-to-video/kling',
			{ model: 'byId', modelId: 'image-to-video/kling' },
			"Model ID names a model that generates from image, but 'Generate From' is text: change one of them",
		],
		[
			'a model without a value',
			{ model: '={{ $json.none }}' },
			'Model has no value: set it to standard, pro',
		],
		[
			'a model that climbs out',
			{ model: '={{ "../requests/x" }}' },
			'Model must be standard, pro, 4k',
		],
		[
			'a way to specify inputs that there is not',
			{ specifyInputs: 'form' },
			'Specify Inputs must be fields or json, but is the text "form"',
		],
		[
			'broken JSON',
			{ specifyInputs: 'json', inputsJson: '{"prompt": ' },
			'Inputs (JSON) is not valid JSON: Unexpected end',
		],
		[
			'no JSON',
			{ specifyInputs: 'json', inputsJson: '={{ $json.none }}' },
			'Inputs (JSON) is required',
		],
		[
			'JSON that is no object',
			{ specifyInputs: 'json', inputsJson: '[1]' },
			'Inputs (JSON) must be an object of inputs, but is a list of 1',
		],
		[
			'an unknown key',
			{ specifyInputs: 'json', inputsJson: '{"prompt":"x","camera_fixed":true}' },
			'camera_fixed is not an input of this model: remove it',
		],
		[
			'an unknown key in a segment',
			{
				specifyInputs: 'json',
				inputsJson: '{"prompt":"x","multi_prompt":[{"prompt":"y","duration":5,"camera":"z"}]}',
			},
			'multi_prompt, entry 1, camera is not one of its fields: remove it',
		],
		[
			'a null',
			{ specifyInputs: 'json', inputsJson: '{"prompt":"x","duration":null}' },
			'duration has no value',
		],
		[
			'a value in an object that is missing',
			{ specifyInputs: 'json', inputsJson: '={{ ({ prompt: "x", sound: $json.none }) }}' },
			'sound has no value: set it to true or false',
		],
		[
			'a value in a segment of an object that is missing',
			{
				specifyInputs: 'json',
				inputsJson:
					'={{ ({ prompt: "x", multi_prompt: [{ prompt: "y", duration: $json.none }] }) }}',
			},
			'multi_prompt, entry 1, duration has no value',
		],
		[
			'text for a number in JSON',
			{ specifyInputs: 'json', inputsJson: '{"prompt":"x","duration":"5"}' },
			'duration must be a whole number from 3 to 15, but is the text "5"',
		],
		[
			'several faults at once',
			{ duration: 2, sound: '={{ 1 }}' },
			'Duration (Seconds) must be a whole number from 3 to 15, but is 2. Sound must be true or false, but is 1',
		],
		[
			'more faults than anyone reads',
			segments(...Array.from({ length: 20 }, () => 1)),
			'but is 1. 16 more fields are wrong too',
		],
		[
			'a multi prompt that is one expression',
			{ multiPrompt: '={{ $json.segments }}' },
			'Multi Prompt cannot be given as one expression: set the fields of each segment',
		],
		[
			'a list of segments that is one expression',
			{ multiPrompt: { segment: '={{ $json.s }}' } },
			'Multi Prompt cannot be given as one expression',
		],
		[
			'a segment that is one expression',
			{ multiPrompt: { segment: ['={{ $json.s }}'] } },
			'Multi Prompt cannot be given as one expression',
		],
		[
			'a multi prompt as the API has it',
			{ multiPrompt: [{ prompt: 'a scene', duration: 5 }] },
			'Multi Prompt cannot be given as a list: set the fields of each segment',
		],
		[
			'additional fields that are one expression',
			{ additionalFields: '={{ $json.fields }}' },
			'Additional Fields cannot be given as one expression: add the fields one by one',
		],
		[
			'options that are one expression',
			{ options: '={{ $json.options }}' },
			'Options cannot be given as one expression: add the options one by one',
		],
		...['Multi Prompt', 'Additional Fields', 'Options'].flatMap((label, place) =>
			[5, true, [{ prompt: 'a scene', maximumWaitMinutes: 5 }]].map(
				(value): [string, unknown, string] => [
					`${label} that are ${JSON.stringify(value)}`,
					{ [['multiPrompt', 'additionalFields', 'options'][place]]: value },
					`${label} cannot be given as ${Array.isArray(value) ? 'a list' : 'one value'}: `,
				],
			),
		),
		[
			'a file name that is no number either',
			{ options: { fileName: '={{ NaN }}' } },
			'File Name must be text, but is NaN',
		],
		[
			'a wait that is no number',
			{ options: { maximumWaitMinutes: '={{ "long" }}' } },
			'Maximum Wait (Minutes) must be a number of at least 0, but is the text "long"',
		],
		[
			'a wait without a value',
			{ options: { maximumWaitMinutes: '={{ $json.none }}' } },
			'Maximum Wait (Minutes) has no value: set it to a number of at least 0, or give its expression a fallback',
		],
		[
			'no concurrency',
			{ options: { maximumConcurrency: 0 } },
			'Maximum Concurrency must be a whole number of at least 1, but is 0',
		],
		[
			'half a concurrency',
			{ options: { maximumConcurrency: 1.5 } },
			'Maximum Concurrency must be a whole number of at least 1, but is 1.5',
		],
		[
			'a poll interval without end',
			{ options: { pollIntervalSeconds: '={{ Infinity }}' } },
			'Poll Interval (Seconds) must be a number of at least 0.5, but is Infinity',
		],
		[
			'no file size',
			{ options: { maximumFileSizeMb: 0 } },
			'Maximum File Size (MB) must be a number above 0, but is 0',
		],
		[
			'a file size below nothing',
			{ options: { maximumFileSizeMb: -1 } },
			'Maximum File Size (MB) must be a number above 0, but is -1',
		],
		[
			'a binary field without a name',
			{ options: { outputBinaryField: '' } },
			'Put Output File in Field has no value: set it to a name without dots, or give its expression a fallback',
		],
		[
			'a binary field without a value',
			{ options: { outputBinaryField: '={{ $json.none }}' } },
			'Put Output File in Field has no value',
		],
		[
			'a binary field of blanks',
			{ options: { outputBinaryField: '  ' } },
			'Put Output File in Field must be a name without dots, but is the text',
		],
		[
			'a binary field with a dot',
			{ options: { outputBinaryField: 'a.b' } },
			'Put Output File in Field must be a name without dots, but is the text "a.b"',
		],
		[
			'a binary field that is no text',
			{ options: { outputBinaryField: '={{ ({ a: 1 }) }}' } },
			'Put Output File in Field must be a name without dots, but is an object',
		],
		[
			'a file name that is an object',
			{ options: { fileName: '={{ ({ title: 1 }) }}' } },
			'File Name must be text, but is an object',
		],
		[
			'a file name that is a list',
			{ options: { fileName: '={{ [1, 2] }}' } },
			'File Name must be text, but is a list of 2',
		],
		[
			'hosts that are no text',
			{ options: { allowedDownloadHosts: '={{ [1] }}' } },
			'Allowed Download Hosts must be text, but is a list of 1',
		],
		[
			'a download that is neither on nor off',
			{ downloadMedia: '={{ $json.none }}' },
			'Download has no value: set it to true or false, or give its expression a fallback',
		],
		[
			'a stop that is neither on nor off',
			{ options: { cancelOnStop: '={{ "off" }}' } },
			'Cancel on Stop must be true or false, but is the text "off"',
		],
	])('%s', async (_, parameters, message) => {
		const run = await world.run(['a boat'], parameters as INodeParameters);
		expect(errorOf(run).message).toContain(message);
		expect(errorOf(run).description).toContain('Nothing was sent for this item.');
		expect(world.emulator.calls).toEqual([]);
	});

	it('a multi prompt under another name, before which n8n 1.123.0 stops by itself', async () => {
		const parameters = { multiPrompt: { segments: [{ prompt: 'a scene', duration: 5 }] } };
		const said = await world.run(['a boat'], parameters).then(
			(run) => errorOf(run).message,
			(error: Error) => error.message,
		);
		expect(said).toMatch(
			/^Multi Prompt does not have the form's structure|^Could not find property/,
		);
		expect(world.emulator.calls).toEqual([]);
	});

	it('a wait that is neither on nor off stops Get Request Result', async () => {
		const run = await world.run([{ json: { request_id: 'abc' } }], {
			operation: 'getResult',
			waitForCompletion: '={{ $json.none }}',
		});
		expect(errorOf(run).message).toContain('Wait for Completion has no value');
		expect(world.emulator.calls).toEqual([]);
	});

	it.each<[string, unknown]>([
		['a list of segments as text', '[{"prompt":"the heist of the century","duration":5}]'],
		['a text as list of segments', 'the heist of the century'],
		['segments that are texts', ['the heist of the century']],
		['segments in segments', [['the heist of the century']]],
		['a prompt for a duration', [{ prompt: 'x', duration: 'the heist of the century' }]],
		['a prompt in an object', [{ prompt: { text: 'the heist of the century' } }]],
	])('%s is refused with nothing of the prompts in the error', async (_, multiPrompt) => {
		for (const input of [
			{ prompt: 'x', multi_prompt: multiPrompt },
			{ prompt: [multiPrompt], negative_prompt: [multiPrompt] },
			{ prompt: 'x', duration: multiPrompt, sound: multiPrompt, shot_type: multiPrompt },
			multiPrompt,
		]) {
			const run = await world.run([{ json: { input } as never }], {
				specifyInputs: 'json',
				inputsJson: '={{ JSON.stringify($json.input) }}',
			});
			const { message, description } = errorOf(run);
			expect(`${message} ${description}`).not.toMatch(/heist|century/);
			expect(message).toMatch(/^(prompt|multi_prompt|duration|Inputs \(JSON\))/);
			expect(world.emulator.calls).toEqual([]);
		}
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

describe('RunComfy’s message about a rejected item', () => {
	const words = 'body.prompt: the violent scene of a sinking boat is against the policy';
	/** Prompts of 2,000 characters, in which all items but one contain RunComfy's message. */
	const prompts = Array.from({ length: 300 }, (_, row) =>
		`[row ${row}] ${row === 7 ? 'a quiet lake' : words} `.padEnd(2_000, `idea ${row}, `),
	);
	const causeOf = (item: INodeExecutionData) =>
		/^RunComfy rejected the input: (.*)$/.exec(String(item.json.error))?.[1];

	it('keep what the prompts of other items say, and lose what the item’s own prompt says', async () => {
		world.emulator.refusal = words;
		const options = { maximumRequests: 300 };
		const items = videosOf(
			await world.run(prompts, { options }, { onError: 'continueRegularOutput' }),
		);
		expect(items).toHaveLength(300);
		expect(causeOf(items[7])).toBe(words);
		const others = items.filter((_, row) => row !== 7);
		expect(new Set(others.map(causeOf))).toEqual(new Set(['…']));
		expect(world.emulator.paidPosts).toBe(0);
	});

	it('keep what the prompts of other items that wait in the same run say', async () => {
		world.emulator.refusal = words;
		const run = await world.run([prompts[7], ...prompts.slice(0, 5)]);
		expect(errorOf(run).message).toBe(`RunComfy rejected the input: ${words}`);
	});
});
