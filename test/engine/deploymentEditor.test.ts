import type { INodeParameters } from 'n8n-workflow';
import type { ServerlessEmulator } from '../emulator/ServerlessEmulator';
import { DEPLOYMENTS } from '../fixtures/deployments';
import { deploymentWorkflow } from './deploymentWorkflow';
import { startDeployments } from './deploymentWorld';
import type { Engine } from './Engine';
import { located } from './modelWorkflow';

const NODE = 'RunComfy Deployment';

let engine: Engine;
let emulator: ServerlessEmulator;
beforeEach(async () => ({ engine, emulator } = await startDeployments()));
afterEach(async () => await emulator.stop());

const methods = () =>
	engine.nodeType('n8n-nodes-runcomfy.runComfyDeployment').methods as unknown as {
		listSearch: { searchDeployments: (filter?: string) => Promise<{ results: object[] }> };
		resourceMapping: { getInputs: () => Promise<{ fields: Field[]; emptyFieldsNotice?: string }> };
	};
interface Field {
	id: string;
	displayName: string;
	type: string;
	removed: boolean;
	options?: Array<{ name: string; value: unknown }>;
	defaultValue?: unknown;
}

const inEditor = async <Answer>(parameters: INodeParameters, call: () => Promise<Answer>) =>
	await engine.inEditor(deploymentWorkflow(parameters), NODE, async function () {
		return await call.call(this as never);
	});
const search = async (filter?: string) =>
	(
		await inEditor({}, async function (this: never) {
			return await methods().listSearch.searchDeployments.call(this, filter);
		})
	).results;
const form = async (name: keyof typeof DEPLOYMENTS, parameters: INodeParameters = {}) =>
	await inEditor(
		{ deployment: located(DEPLOYMENTS[name]), ...parameters },
		async function (this: never) {
			return await methods().resourceMapping.getInputs.call(this);
		},
	);
const shown = (fields: Field[]) =>
	fields.filter(({ removed }) => !removed).map(({ displayName }) => displayName);

describe('the list of deployments', () => {
	it('tells name, status and hardware, and which are switched off', async () => {
		expect(await search()).toContainEqual({
			name: 'text-to-image · standby · AMPERE_48',
			value: DEPLOYMENTS.textToImage,
		});
		expect(await search('switched')).toEqual([
			{ name: 'Switched off · disabled · AMPERE_48', value: DEPLOYMENTS.disabled },
		]);
	});

	it.each([401, 500])('says in one text what is wrong: HTTP %i', async (status) => {
		emulator.respond = () => ({ status, body: '{"error_message":"no"}' });
		await expect(search()).rejects.toThrow(
			status === 401 ? 'RunComfy rejected the API token' : 'could not be read from RunComfy',
		);
	});
});

describe('the form of a workflow', () => {
	it('shows what people set, with the saved value and the range, and has no preset', async () => {
		const { fields } = await form('textToImage');
		expect(shown(fields)).toEqual([
			'Positive Prompt › text (a lighthouse)',
			'Negative Prompt › text (text, watermark)',
			'KSampler › seed (156680208700286)',
			'Empty Latent Image › width (512; 16 to 16384)',
			'Empty Latent Image › height (512; 16 to 16384)',
			'Empty Latent Image › batch_size (1; 1 to 4096)',
			'KSampler › steps (20; 1 to 10000)',
			'KSampler › cfg (8; 0 to 100)',
			'KSampler › denoise (1; 0 to 1)',
		]);
		expect(fields).toHaveLength(13);
		expect(fields.filter((field) => 'defaultValue' in field)).toEqual([]);
	});

	it('offers choices, the saved one among them, and none that n8n would evaluate', async () => {
		const { fields } = await form('large');
		const mode = fields.find(({ id }) => id === '1/mode');
		expect(mode?.options).toEqual([
			{ name: 'soft (saved)', value: 'soft' },
			{ name: 'hard', value: 'hard' },
		]);
		const keep = fields.find(({ id }) => id === '1/keep');
		expect(keep?.options?.map(({ name }) => name)).toEqual(['true (saved)', 'false']);
	});

	it('takes a seed as text, which has room for 64 bits, and files by name', async () => {
		const edit = await form('imageEdit');
		const seed = edit.fields.find(({ id }) => id === '57:5/seed');
		expect(seed).toMatchObject({ type: 'string', displayName: '🎲 Seed & sampler 🎨 › seed' });
		const { fields } = await form('everyLoader');
		expect(shown(fields)).toContain('Load Video › file: URL or Binary Field (clip.mp4)');
		expect(fields.map(({ id }) => id)).not.toContain('4/video-preview');
	});

	it('takes an object as JSON, and hides nothing that a class takes', async () => {
		const { fields } = await form('wired');
		expect(fields.find(({ id }) => id === '7/lora_1')).toMatchObject({
			type: 'object',
			removed: true,
			displayName: 'My LoRAs › lora_1 ({"on":true,"lora":"style…)',
		});
		expect(fields.map(({ id }) => id)).toContain('11/preview_method');
	});

	it('is that of the saved values where ComfyUI says nothing', async () => {
		emulator.chooseFault = ({ endpoint }) => (endpoint === 'objectInfo' ? 'hangBefore' : undefined);
		const { fields } = await form('textToImage');
		expect(shown(fields)).toContain('KSampler › steps (20)');
	});

	it('follows what the deployment suggests', async () => {
		const { fields } = await form('suggested');
		expect(shown(fields)).toEqual([
			'Load Checkpoint › ckpt_name (sd15.safetensors)',
			'Positive Prompt › text (a lighthouse)',
		]);
	});

	it('is a notice where there is none', async () => {
		expect((await form('lora')).emptyFieldsNotice).toContain('Using JSON');
		const unknown = await inEditor({ deployment: located('') }, async function (this: never) {
			return await methods().resourceMapping.getInputs.call(this);
		});
		expect(unknown.emptyFieldsNotice).toContain('Choose a deployment');
	});

	const schema = [{ id: '6/text', displayName: 'x' }];
	const inputs = { mappingMode: 'defineBelow', value: {}, schema } as never;

	it('stays as it is until a deployment is chosen, as after the import of an example', async () => {
		const none = { deployment: located(''), inputs };
		expect((await form('textToImage', none)).fields).toEqual(schema);
	});

	it('stays as it is when RunComfy does not answer', async () => {
		emulator.chooseFault = () => 'notFound';
		expect((await form('textToImage', { inputs })).fields).toEqual(schema);
		expect((await form('textToImage')).emptyFieldsNotice).toContain(
			'does not know this deployment',
		);
	});
});
