import { ServerlessEmulator } from '../emulator/ServerlessEmulator';
import { Engine } from './Engine';
import { CREDENTIAL } from './klingWorkflow';

/** n8n's engine with a credential that leads to an emulator of the Serverless API, and to nothing else. */
export async function startDeployments(): Promise<{
	engine: Engine;
	emulator: ServerlessEmulator;
}> {
	const engine = await Engine.start();
	const emulator = await ServerlessEmulator.start();
	await engine.saveCredential(CREDENTIAL, {
		apiToken: emulator.token,
		baseUrl: 'http://127.0.0.1:9',
		serverlessBaseUrl: emulator.url,
	});
	return { engine, emulator };
}
