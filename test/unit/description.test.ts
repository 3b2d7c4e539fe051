import { resolve } from 'node:path';
import type {
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	INodeType,
} from 'n8n-workflow';
import codex from '../../nodes/KlingVideo/KlingVideo.node.json';

// The built node, as n8n loads it.
const { KlingVideo } = jest.requireActual<{ KlingVideo: new () => INodeType }>(
	resolve(__dirname, '../../dist/nodes/KlingVideo/KlingVideo.node.js'),
);
const { description } = new KlingVideo();
const operationFields = description.properties.filter(({ name }) => name === 'operation');
const operations = operationFields.flatMap(({ options }) => options as INodePropertyOptions[]);

/** Everything that a saved workflow can hold of the node: a line for each field and each choice. */
function savedNames(fields: readonly object[], within = ''): string[] {
	return fields.flatMap((field) => {
		const { name, type, options = [] } = field as INodeProperties;
		if (type === 'hidden') return [];
		const { value } = field as INodePropertyOptions;
		const { values = [] } = field as INodePropertyCollection;
		if (value !== undefined) return [`${within} = ${String(value)}`];
		const path = within ? `${within}.${name}` : name;
		const inside = savedNames([...options, ...values], path);
		return type === 'collection' || type === 'fixedCollection' || values.length > 0
			? inside
			: [path, ...inside];
	});
}

/** All fields, those in collections too. */
function fieldsIn(fields: readonly object[]): INodeProperties[] {
	return fields.flatMap((field) => {
		const { options = [] } = field as INodeProperties;
		const { values = [] } = field as INodePropertyCollection;
		return [field as INodeProperties, ...fieldsIn([...options, ...values])];
	});
}

describe('the description of the node', () => {
	it('keeps the names and values that saved workflows contain', () => {
		expect(savedNames(description.properties)).toMatchInlineSnapshot(`
		[
		  "resource",
		  "resource = video",
		  "resource = request",
		  "operation",
		  "operation = generate",
		  "operation = submit",
		  "operation",
		  "operation = cancel",
		  "operation = getResult",
		  "operation = getStatus",
		  "requestId",
		  "waitForCompletion",
		  "model",
		  "model = standard",
		  "model = pro",
		  "model = 4k",
		  "model = byId",
		  "modelId",
		  "generateFrom",
		  "generateFrom = image",
		  "generateFrom = text",
		  "prompt",
		  "startImageSource",
		  "startImageSource = binary",
		  "startImageSource = url",
		  "startImageUrl",
		  "startImageField",
		  "endImageSource",
		  "endImageSource = binary",
		  "endImageSource = none",
		  "endImageSource = url",
		  "endImageUrl",
		  "endImageField",
		  "duration",
		  "aspectRatio",
		  "aspectRatio = 16:9",
		  "aspectRatio = 9:16",
		  "aspectRatio = 1:1",
		  "sound",
		  "price",
		  "multiPrompt.segment.prompt",
		  "multiPrompt.segment.duration",
		  "additionalFields.cfgScale",
		  "additionalFields.elements",
		  "additionalFields.negativePrompt",
		  "additionalFields.shotType",
		  "additionalFields.shotType = customize",
		  "additionalFields.shotType = intelligent",
		  "specifyInputs",
		  "specifyInputs = fields",
		  "specifyInputs = json",
		  "inputsJson",
		  "inputsJson",
		  "downloadMedia",
		  "options.maximumWaitMinutes",
		  "options.fileName",
		  "options.outputBinaryField",
		  "options.maximumFileSizeMb",
		  "options.allowedDownloadHosts",
		  "options.maximumConcurrency",
		  "options.maximumRequests",
		  "options.cancelOnStop",
		  "options.pollIntervalSeconds",
		  "options.maximumWaitMinutes",
		  "options.cancelOnStop",
		]
	`);
	});

	it('sets no limits on a number, for n8n silently changes a typed number to fit them', () => {
		const numbers = fieldsIn(description.properties).filter(({ type }) => type === 'number');
		expect(numbers.map(({ name }) => name)).toEqual(
			expect.arrayContaining(['duration', 'cfgScale', 'maximumConcurrency', 'maximumWaitMinutes']),
		);
		expect(numbers.filter(({ typeOptions }) => typeOptions !== undefined)).toEqual([]);
	});

	it('keeps behind every collection what the workflow holds in its place', () => {
		const isCollection = ({ type }: INodeProperties) => /ollection$/.test(type);
		const collections = description.properties.filter(isCollection);
		expect(collections.length).toBeGreaterThan(2);
		for (const { name, displayOptions } of collections) {
			const last = description.properties.filter((field) => field.name === name).at(-1);
			const shown = displayOptions && { displayOptions };
			expect(last).toMatchObject({ type: 'hidden', default: {}, ...shown });
		}
	});

	it('names every operation under the node on the canvas as the form does', () => {
		for (const { name, value } of operations) {
			expect(description.subtitle).toContain(`"${value}":"${name}"`);
		}
	});

	it('offers what makes a video first, and apart from it what is about a request', () => {
		const [resource, ofVideo, ofRequest] = description.properties;
		const values = ({ options }: INodeProperties) =>
			(options as INodePropertyOptions[]).map(({ value }) => value);
		expect(values(resource)).toEqual(['video', 'request']);
		expect(resource.default).toBe('video');
		expect(values(ofVideo)).toEqual(['generate', 'submit']);
		expect(ofVideo.default).toBe('generate');
		expect(values(ofRequest)).toEqual(['cancel', 'getResult', 'getStatus']);
		expect(ofRequest.default).toBe('getResult');
	});

	it('words its actions as n8n does: what is done to what, without articles', () => {
		expect(operations.map(({ action }) => action)).toEqual([
			'Generate video and wait',
			'Submit video request',
			'Cancel request',
			'Get request result',
			'Get request status',
		]);
	});

	it('has its options in the order of use', () => {
		const options = description.properties.find(({ name }) => name === 'options');
		expect(options?.options?.slice(0, 3).map(({ name }) => name)).toEqual([
			'maximumWaitMinutes',
			'fileName',
			'outputBinaryField',
		]);
	});

	it('is found by what people search for', () => {
		expect(codex.alias).toEqual(
			expect.arrayContaining([
				'kling',
				'runcomfy',
				'run comfy',
				'text to video',
				'image to video',
				'video generation',
			]),
		);
		// n8n 2.41.1 hides nodes of this category from the search unless they are parts of an AI agent.
		expect(codex.categories).not.toContain('AI');
	});

	it('fills in nothing that a click would buy', () => {
		const prompt = description.properties.find(({ name }) => name === 'prompt');
		expect(prompt?.default).toBe('');
	});
});
