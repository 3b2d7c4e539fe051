import { createHash } from 'node:crypto';
import type { INodeExecutionData } from 'n8n-workflow';
import { FAULTS, type FaultName } from '../emulator/faults';
import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import type { Endpoint } from '../emulator/scenarios';
import { openTimers, pass } from '../engine/virtualTime';
import { createWorld, videosOf, type World } from '../engine/world';
import { seeded } from '../fixtures/seeded';

const GENERATIONS = Number(process.env.CHAOS_GENERATIONS ?? 500);
const BATCH = 20;
const FAULT_RATE = 0.2;

const names = Object.keys(FAULTS) as FaultName[];
const answers = names.filter(
	(name) => !['short', 'long', 'stall', 'trickle', 'webPage', 'gone'].includes(name),
);
/** What fits an endpoint: a file is not JSON, and an answer has no length to be wrong about. */
const FITTING: Record<Endpoint, FaultName[]> = {
	submit: answers,
	status: answers,
	result: answers,
	cancel: answers,
	media: [
		'resetBefore',
		'resetDuring',
		'hangBefore',
		'html502',
		'json503',
		'throttled',
		'short',
		'long',
		'stall',
		'trickle',
		'webPage',
		'gone',
		'redirect',
	],
	model: [],
};

/** One wish for a video, and how far the user has come with it. */
interface Wish {
	prompt: string;
	requestId?: string;
	delivered?: boolean;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const rightHash = sha256(RunComfyEmulator.file('16:9'));

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());

/**
 * Does what a user does with the node's answers, and nothing else: takes a video, collects with Get
 * Result what an item names, looks at the Generations where the outcome is unknown, and runs again
 * only what is said not to have been started.
 */
async function takeAnswer(wish: Wish, { json, binary }: INodeExecutionData): Promise<void> {
	const details = (json.details ?? {}) as { reason?: string; request_id?: string };
	wish.requestId ??= (json.request_id ?? details.request_id) as string | undefined;
	if (binary?.data) {
		wish.delivered = sha256(await world.engine.binary(binary.data)) === rightHash;
	} else if (details.reason === 'outcomeUnknown') {
		const made = [...world.emulator.requests.values()];
		wish.requestId = made.find(({ input }) => input.prompt === wish.prompt)?.requestId;
	}
}

it(`${GENERATIONS} generations under ${FAULT_RATE * 100} % faults: one paid POST each, none lost, none doubled`, async () => {
	const seed = jest.getSeed();
	const random = seeded(seed);
	let faults = 0;
	world.emulator.chooseFault = ({ endpoint }) => {
		if (random() >= FAULT_RATE || FITTING[endpoint].length === 0) return undefined;
		faults++;
		return FITTING[endpoint][Math.floor(random() * FITTING[endpoint].length)];
	};
	const rejections: unknown[] = [];
	const onRejection = (reason: unknown) => rejections.push(reason);
	process.on('unhandledRejection', onRejection);
	const before = resources();

	const wishes: Wish[] = Array.from({ length: GENERATIONS }, (_, index) => ({
		prompt: `idea ${index}`,
	}));
	let rounds = 0;
	for (let open = wishes; open.length > 0; open = wishes.filter(({ delivered }) => !delivered)) {
		if (++rounds > 40) throw new Error(`${open.length} videos are not delivered after 40 rounds`);
		for (let at = 0; at < open.length; at += BATCH) {
			const batch = open.slice(at, at + BATCH);
			const started = batch.filter(({ requestId }) => requestId !== undefined);
			const fresh = batch.filter(({ requestId }) => requestId === undefined);
			const settings = {
				onError: 'continueRegularOutput' as const,
				...(random() < 0.5 && { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 }),
			};
			const options = { maximumWaitMinutes: 10 };
			for (const [wanted, parameters] of [
				[fresh, { operation: 'generate', options }],
				[started, { operation: 'getResult', waitForCompletion: true, options }],
			] as const) {
				if (wanted.length === 0) continue;
				const items = wanted.map(({ prompt, requestId }) => ({
					json: { prompt, ...(requestId && { request_id: requestId }) },
				}));
				const answers = videosOf(await world.run(items, parameters, settings));
				expect(answers.map(({ pairedItem }) => pairedItem)).toEqual(
					wanted.map((_, item) => ({ item })),
				);
				for (const [index, wish] of wanted.entries()) await takeAnswer(wish, answers[index]);
			}
		}
	}

	const made = [...world.emulator.requests.values()].map(({ input }) => String(input.prompt));
	const doubled = made.length - new Set(made).size;
	const logged = world.engine.log.join('\n');
	const lost = wishes.filter(({ requestId, delivered }) => !requestId || !delivered).length;
	const named = [...world.emulator.requests.keys()].filter((id) => logged.includes(id)).length;
	await pass(1);
	const left = leftOver(before, resources());
	process.off('unhandledRejection', onRejection);

	process.stdout.write(
		[
			`\nseed ${seed}: ${GENERATIONS} generations in ${rounds} rounds`,
			`calls ${world.emulator.calls.length}, faults injected ${faults}`,
			`paid POSTs ${world.emulator.paidPosts}, lost ${lost}, doubled ${doubled}`,
			`ids in the log ${named}, left over: ${left.length > 0 ? left.join(', ') : 'nothing'}\n\n`,
		].join('\n'),
	);
	expect(world.emulator.paidPosts).toBe(GENERATIONS);
	expect({ lost, doubled, left, rejections }).toEqual({
		lost: 0,
		doubled: 0,
		left: [],
		rejections: [],
	});
}, 600_000);

/** How many timers, turns of the event loop and sockets there are. */
function resources(): Record<string, number> {
	const count = (kind: string) =>
		process.getActiveResourcesInfo().filter((each) => each === kind).length;
	const kinds = ['Immediate', 'TCPSocketWrap', 'TCPConnectWrap'];
	return { timer: openTimers(), ...Object.fromEntries(kinds.map((kind) => [kind, count(kind)])) };
}

/** What there is more of than before. */
function leftOver(before: Record<string, number>, after: Record<string, number>): string[] {
	return Object.entries(after).flatMap(([kind, count]) =>
		count > before[kind] ? [`${count - before[kind]} ${kind}`] : [],
	);
}
