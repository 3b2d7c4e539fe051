import { RunComfyEmulator } from '../emulator/RunComfyEmulator';
import type { Arrival, EmulatorSettings } from './emulatorProcess';
import { networkLatency } from './latency';

/** The emulator behind a network. Tells its parent where it is, and answers any message with its calls. */
const HANG_MS = 60_000;

const {
	scenario,
	latencyMs = 0,
	seed = 1,
	hangingPost,
} = JSON.parse(process.argv[2]) as EmulatorSettings;
const emulator = await RunComfyEmulator.start({ scenario });
const latency = networkLatency(latencyMs, seed);
emulator.delay = ({ endpoint }) =>
	endpoint === 'submit' && emulator.paidPosts === hangingPost ? HANG_MS : latency();

process.on('message', () => {
	process.send?.(emulator.calls.map(({ endpoint, at }): Arrival => ({ endpoint, at })));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: emulator.url, token: emulator.token });
