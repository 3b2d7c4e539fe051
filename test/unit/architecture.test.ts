import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { checkArchitecture } from './checkArchitecture';

describe('the files of nodes/', () => {
	let faults: Awaited<ReturnType<typeof checkArchitecture>>;
	beforeAll(async () => {
		faults = await checkArchitecture(resolve(__dirname, '../../nodes'));
	}, 30_000);

	it('import each other in no circle, types included', () => expect(faults.circles).toEqual([]));

	it('import what the table allows, and nothing else', () => expect(faults.forbidden).toEqual([]));

	it('import from folder to folder one way', () => expect(faults.folderCircles).toEqual([]));

	it('are spread over folders of which none holds more than 30 % of the lines', () =>
		expect(faults.large).toEqual([]));
});

describe('the check', () => {
	const scratch = mkdtempSync(join(tmpdir(), 'architecture-'));
	afterAll(() => rmSync(scratch, { recursive: true }));

	const lines = (count: number) => 'export {};\n'.repeat(count);
	/** A small tree of the right shape. */
	const SOUND = {
		'shared/api/client.ts': lines(10),
		'shared/errors/words.ts': "import type {} from 'n8n-workflow';\nimport '../api/client';\n",
		'shared/requests/key.ts': "import 'node:crypto';\nimport '../errors/words';\n" + lines(8),
		'shared/operations/run.ts': "import '../requests/key';\n" + lines(8),
		'KlingVideo/fields/prompt.ts': "import 'zod/v4-mini';\n" + lines(4),
		'KlingVideo/KlingVideo.node.ts':
			"import './fields/prompt';\nimport '../shared/operations/run';\n",
	};

	async function check(name: string, files: Record<string, string>) {
		const root = join(scratch, name);
		for (const [file, text] of Object.entries(files)) {
			mkdirSync(dirname(join(root, file)), { recursive: true });
			writeFileSync(join(root, file), text);
		}
		return await checkArchitecture(root);
	}

	it('finds nothing in a tree of the right shape', async () => {
		expect(await check('sound', SOUND)).toEqual({
			circles: [],
			forbidden: [],
			folderCircles: [],
			large: [],
		});
	}, 30_000);

	it('names circles of files by types alone, and of folders whose files have none', async () => {
		const { circles, folderCircles } = await check('circles', {
			...SOUND,
			'shared/media/file.ts': "import type {} from './name';\n",
			'shared/media/name.ts': "export type Name = import('./file').File;\n",
			'KlingVideo/words.ts': lines(1),
			'KlingVideo/fields/duration.ts': "import type {} from '../words';\n",
		});
		expect(circles).toEqual(['shared/media/file.ts → shared/media/name.ts → shared/media/file.ts']);
		expect(folderCircles).toEqual(['KlingVideo → KlingVideo/fields → KlingVideo']);
	}, 30_000);

	it('names imports that are not in the table, and folders that are not', async () => {
		const { forbidden } = await check('forbidden', {
			...SOUND,
			'shared/api/http.ts': "import type {} from 'n8n-workflow';\nimport 'node:http';\n",
			'shared/errors/node.ts': "export type { Order } from '../requests/key';\n",
			'shared/requests/form.ts': "import '../../KlingVideo/fields/prompt';\nimport 'zod';\n",
			'shared/utils/all.ts': "import '../api/client';\n",
			'RunComfy/RunComfy.node.ts':
				"import '../KlingVideo/fields/prompt';\nimport '../shared/utils/all';\nimport '../../test/x';\n",
		});
		expect(forbidden.sort()).toEqual([
			'RunComfy/RunComfy.node.ts → ../../test/x',
			'RunComfy/RunComfy.node.ts → KlingVideo/fields/prompt.ts',
			'RunComfy/RunComfy.node.ts → shared/utils/all.ts',
			'shared/api/http.ts → http',
			'shared/api/http.ts → n8n-workflow',
			'shared/errors/node.ts → shared/requests/key.ts',
			'shared/requests/form.ts → KlingVideo/fields/prompt.ts',
			'shared/requests/form.ts → zod',
			'shared/utils/all.ts → shared/api/client.ts',
		]);
	}, 30_000);

	it('names a large folder, and a large folder of shared with all that is in it', async () => {
		const { large } = await check('large', {
			...SOUND,
			'KlingVideo/fields/model.ts': lines(95),
			'shared/media/file.ts': lines(50),
			'shared/media/types/mp4.ts': lines(50),
		});
		expect(large.sort()).toEqual([
			'KlingVideo/fields: 43 % of the lines',
			'shared/media: 43 % of the lines',
		]);
	}, 30_000);
});
