import { readOutputs } from '../../nodes/RunComfyDeployment/workflow/outputs';

const titles = new Map([
	['12', 'Save Video'],
	['3', 'Preview'],
	['57:9', 'Save Image'],
]);
const file = (name: string, type = 'output') => ({
	filename: name,
	subfolder: '',
	type,
	url: `https://files.runcomfy.net/${name}`,
});

it('every object with a URL is a file, in the order of the graph, previews last', () => {
	const { files } = readOutputs(
		{
			'57:9': { images: [file('c.png'), file('d.png')] },
			'3': { images: [file('p.png', 'temp')], a_images: [file('q.png', 'temp')] },
			'12': { gifs: [{ ...file('a.mp4'), format: 'video/h264-mp4' }], animated: [true] },
			'99': { '3d': [{ url: 'https://files.runcomfy.net/x.glb' }] },
		},
		titles,
	);
	expect(files.map(({ url }) => url.split('/').at(-1))).toEqual([
		'a.mp4',
		'c.png',
		'd.png',
		'x.glb',
		'p.png',
		'q.png',
	]);
	expect(files[0]).toEqual({
		node_id: '12',
		node_title: 'Save Video',
		channel: 'gifs',
		url: 'https://files.runcomfy.net/a.mp4',
		type: 'output',
		filename: 'a.mp4',
	});
	expect(files[3]).toMatchObject({ node_id: '99', channel: '3d' });
});

it('text is text, in a list of lists too', () => {
	const { files, texts } = readOutputs(
		{ '57:9': { text: [['a boat']], other: ['x', '', 5, null] } },
		titles,
	);
	expect(files).toEqual([]);
	expect(texts.map(({ text, channel }) => [channel, text])).toEqual([
		['text', 'a boat'],
		['other', 'x'],
	]);
});

it('a file that two channels name is one', () => {
	const outputs = { '12': { images: [file('a.png')], files: [file('a.png')] } };
	expect(readOutputs(outputs, titles).files).toHaveLength(1);
});

it.each([
	undefined,
	null,
	5,
	'x',
	[],
	{},
	{ 3: null },
	{ 3: { images: null } },
	{ 3: { images: [{ url: '' }] } },
])('%j gives no file', (outputs) => expect(readOutputs(outputs, titles).files).toEqual([]));

it('a list in place of channels is looked through too', () => {
	expect(readOutputs({ 3: [file('a.png')] }, titles).files).toHaveLength(1);
});
