import { RunComfyEmulator } from './RunComfyEmulator';
import { ServerlessEmulator } from './ServerlessEmulator';
import { SCENARIO_WORDS, type ScenarioName } from './scenarios';

const emulator = await RunComfyEmulator.start({
	port: Number(process.env.PORT ?? 0),
	scenario: (process.env.SCENARIO ?? 'demo') as ScenarioName,
	onCall: ({ endpoint, modelId, requestId, fault }) =>
		console.log(
			[endpoint.padEnd(6), modelId ?? requestId, fault && `(${fault})`].filter(Boolean).join(' '),
			`| paid POSTs: ${emulator.paidPosts}`,
		),
});

const serverless = await ServerlessEmulator.start({ scenario: 'demo' });

console.log(`RunComfy emulator: ${emulator.url}   API token: ${emulator.token}
Deployments:       ${serverless.url}

In n8n, make a RunComfy API credential with this token, this base URL, and the other one as Serverless Base URL. Nothing is billed, and
whatever a prompt asks for, it gets the same short test clip, picture or chime after about ten
seconds. A prompt that starts with one of these words plays that scenario:
${SCENARIO_WORDS.join(' ')}

Ctrl-C ends it.`);

process.on('SIGINT', () => void end());
process.on('SIGTERM', () => void end());

async function end(): Promise<void> {
	await Promise.all([emulator.stop(), serverless.stop()]);
	process.exit(0);
}
