import { createHash } from 'node:crypto';
import { FAULTS, type FaultName } from '../emulator/faults';
import type { Endpoint } from '../emulator/scenarios';
import { openTimers, pass } from '../engine/virtualTime';
import { createWorld, type World } from '../engine/world';
import { seeded } from '../fixtures/seeded';
import { User } from './User';

const GENERATIONS = Number(process.env.CHAOS_GENERATIONS ?? 500);
const BATCH = 20;
const FAULT_RATE = 0.2;
/** How many of the faults, beside those that come by chance, are a 429. */
const THROTTLED_RATE = 0.1;
/** How many of the POSTs are answered late, some after the grace of a Stop. */
const SLOW_POST_RATE = 0.05;
const HOUR_MS = 3_600_000;

const names = Object.keys(FAULTS) as FaultName[];
const answers = names.filter(
	(name) => !['short', 'long', 'stall', 'trickle', 'webPage', 'gone'].includes(name),
);
/**
 * What fits an endpoint: a file is not JSON, and an answer has no length to be wrong about. A result
 * that is refused is RunComfy's word that the request has failed, and that is no fault.
 */
const FITTING: Record<Endpoint, FaultName[]> = {
	submit: answers,
	status: answers,
	result: answers.filter((name) => name !== 'rejected'),
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
	models: ['notFound'],
	model: ['notFound'],
	objectInfo: ['notFound'],
};
/** What a server may say in `Retry-After`: sense, none of it, too much, more than a timer holds. */
const RETRY_AFTER = [
	'3',
	'0',
	'-5',
	'soon',
	'Thu, 01 Jan 1970 00:00:00 GMT',
	'7200',
	'86400',
	'2592000',
];

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(async () => await world.end());

it(`${GENERATIONS} generations under ${FAULT_RATE * 100} % faults, stops and retries: one paid POST each, none lost, none doubled`, async () => {
	const seed = jest.getSeed();
	const { emulator, engine } = world;
	jest.spyOn(Math, 'random').mockImplementation(seeded(seed));
	const callsSoFar = new Map<string, number>();
	/** Random numbers for a call, told by the place of its request and of the call, not by the time. */
	const randomFor = ({ endpoint, requestId = '' }: { endpoint: Endpoint; requestId?: string }) => {
		const request = [...emulator.requests.keys()].indexOf(requestId.split('_')[0]);
		const calls = `${seed} ${endpoint} ${request}`;
		const count = callsSoFar.get(calls) ?? 0;
		callsSoFar.set(calls, count + 1);
		return seeded(createHash('sha256').update(`${calls} ${count}`).digest().readInt32LE());
	};
	let faults = 0;
	let throttled = 0;
	let delayMs = 0;
	emulator.chooseFault = (call) => {
		const random = randomFor(call);
		const oneOf = <T>(values: T[]) => values[Math.floor(random() * values.length)];
		delayMs = call.endpoint === 'submit' && random() < SLOW_POST_RATE ? random() * 70_000 : 0;
		emulator.retryAfter = oneOf(RETRY_AFTER);
		if (random() >= FAULT_RATE) return undefined;
		const fault = random() < THROTTLED_RATE ? 'throttled' : oneOf(FITTING[call.endpoint]);
		faults++;
		if (fault === 'throttled') throttled++;
		return fault;
	};
	emulator.delay = () => delayMs;
	const rejections: unknown[] = [];
	const onRejection = (reason: unknown) => rejections.push(reason);
	process.on('unhandledRejection', onRejection);
	const before = resources();

	const user = new User(world, seeded(seed + 1), GENERATIONS);
	const { wishes } = user;
	let rounds = 0;
	for (let open = wishes; open.length > 0; open = wishes.filter(({ delivered }) => !delivered)) {
		if (++rounds > 60) throw new Error(`${open.length} videos are not delivered after 60 rounds`);
		for (let at = 0; at < open.length; at += BATCH) {
			const batch = open.slice(at, at + BATCH);
			const started = batch.filter(({ requestId }) => requestId !== undefined);
			const fresh = batch.filter(({ requestId }) => requestId === undefined);
			if (fresh.length > 0) await user.order(fresh);
			if (started.length > 0) await user.collect(started);
		}
	}

	const requests = [...emulator.requests.values()];
	const live = requests.filter((request) => emulator.stateOf(request) !== 'cancelled');
	const cancelled = requests.length - live.length;
	const doubled = live.length - new Set(live.map((request) => user.wishOf(request))).size;
	const logged = engine.log.join('\n');
	const lost = wishes.filter(({ requestId, delivered }) => !requestId || !delivered).length;
	const named = requests.filter(({ requestId }) => logged.includes(requestId)).length;
	await pass(HOUR_MS);
	const left = leftOver(before, resources());
	process.off('unhandledRejection', onRejection);

	const { thrown, stopped, retried, foundInLog, lookedUp } = user.did;
	process.stdout.write(
		[
			`\nseed ${seed}: ${GENERATIONS} generations in ${rounds} rounds`,
			`calls ${emulator.calls.length}, faults injected ${faults}, of them ${throttled} with Retry-After`,
			`executions that failed ${thrown}, stopped ${stopped}, retried ${retried}`,
			`requests found in the log ${foundInLog}, looked up at RunComfy ${lookedUp}`,
			`paid POSTs ${emulator.paidPosts}, of them cancelled by a Stop ${cancelled}, lost ${lost}, doubled ${doubled}`,
			`ids in the log ${named}, left over: ${left.length > 0 ? left.join(', ') : 'nothing'}`,
			`longest execution ${Math.round(user.longestMs / 60_000)} minutes\n\n`,
		].join('\n'),
	);
	// A request that a Stop has cancelled costs nothing, and its wish is submitted again.
	expect(emulator.paidPosts).toBe(GENERATIONS + cancelled);
	expect({ lost, doubled, left, rejections }).toEqual({
		lost: 0,
		doubled: 0,
		left: [],
		rejections: [],
	});
	// Three tries of ten minutes and their downloads; a server has asked for much more.
	expect(user.longestMs).toBeLessThan(HOUR_MS);
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
