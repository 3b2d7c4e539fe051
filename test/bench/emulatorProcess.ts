import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Endpoint, ScenarioName } from '../emulator/scenarios';

export interface EmulatorSettings {
	scenario: ScenarioName;
	/** How long an answer takes on the way, in ms; none unless given. */
	latencyMs?: number;
	/** Of the jitter. */
	seed?: number;
	/** Which paid POST, counted from 1, is answered after a minute only. */
	hangingPost?: number;
}

/** A call as it arrived, `at` in epoch ms. */
export interface Arrival {
	endpoint: Endpoint;
	at: number;
}

export interface EmulatorProcess {
	url: string;
	token: string;
	/** All calls so far. */
	calls(): Promise<Arrival[]>;
	stop(): void;
}

/** The emulator in a process of its own, so that its work is not measured as ours. */
export async function startEmulatorProcess(settings: EmulatorSettings): Promise<EmulatorProcess> {
	const child = fork(join(__dirname, 'emulator.mts'), [JSON.stringify(settings)], {
		execArgv: ['--import', 'tsx'],
	});
	const ended = once(child, 'exit').then(() => {
		throw new Error('the emulator ended');
	});
	ended.catch(() => undefined);
	const message = async <T>() => (await Promise.race([once(child, 'message'), ended]))[0] as T;

	const { url, token } = await message<{ url: string; token: string }>();
	return {
		url,
		token,
		async calls() {
			child.send('calls');
			return await message<Arrival[]>();
		},
		stop: () => void child.kill(),
	};
}
